import type { Fate, Place } from './raw-redis.ts';
import type { Effect, Mail } from './witnesses.ts';

/** The time of one row: from its fault's beginning to the next one's. */
export interface RowWindow {
  readonly id: string;
  /** ms since the epoch */
  readonly from: number;
  readonly to: number;
}

/** Everything an audit is made from. All of it comes from outside the fleet's code. */
export interface Evidence {
  readonly planned: number;
  readonly mail: readonly Mail[];
  readonly effects: readonly Effect[];
  readonly deleted: ReadonlySet<string>;
  /** what the ledger says of the messages that are not in MS4 */
  readonly fates: ReadonlyMap<string, Fate>;
  /** where jobs are at the end */
  readonly places: ReadonlyMap<string, Place>;
  readonly windows: readonly RowWindow[];
  /** reasons that the rows of this run give for a message that ends otherwise than in MS4: `dead:too_large` */
  readonly excused: ReadonlySet<string>;
}
