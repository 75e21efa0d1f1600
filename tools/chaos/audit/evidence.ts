import type { DoorAnswer } from '../fleet/webhook-door.ts';
import type { Told } from '../run/session.ts';
import type { Watched } from '../watch/watch-run.ts';
import type { Fate, Letter, Place } from './raw-redis.ts';
import type { Arrival, Effect, Mail } from './witnesses.ts';

/** The time of one row: from its fault's beginning to the next one's. */
export interface RowWindow {
  readonly id: string;
  /** ms since the epoch */
  readonly from: number;
  /** when the fault was out again */
  readonly endedAt: number;
  readonly to: number;
  /** ms that it may take to recover */
  readonly limitMs: number;
}

/** What Graph counted of a mailbox. */
export interface MailboxUsage {
  readonly mailboxId: string;
  readonly inFlightMax: number;
  readonly refused: { readonly inFlight: number; readonly requests: number };
  readonly quotaUnits: number;
}

/** A text of the fleet in which nothing secret may be. */
export interface Output {
  readonly name: string;
  readonly text: string;
  /** what Redis has on its disk, where the fleet keeps some secrets */
  readonly isRedis: boolean;
}

/** A text that was put in somewhere and must not come out. */
export interface Canary {
  /** `the subject of a mail` */
  readonly what: string;
  readonly text: string;
  /** in Redis too; everywhere but there otherwise */
  readonly everywhere: boolean;
}

/** A message as Graph shows it and its record as MS4 has it, member by member. */
export interface Pair {
  readonly key: string;
  readonly source: Readonly<Record<string, unknown>>;
  readonly record: Readonly<Record<string, unknown>>;
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
  readonly letters: readonly Letter[];
  /** messages by state, as the fleet's ledger counts them */
  readonly totals: Readonly<Record<string, number>>;
  readonly windows: readonly RowWindow[];
  /** reasons that the rows of this run give for a message that ends otherwise than in MS4: `dead:too_large` */
  readonly excused: ReadonlySet<string>;
  readonly arrivals: readonly Arrival[];
  readonly limits: { readonly perSecond: number; readonly perMinute: number };
  readonly usage: readonly MailboxUsage[];
  readonly mailboxes: readonly string[];
  readonly door: readonly DoorAnswer[];
  readonly watched: Watched;
  readonly pairs: readonly Pair[];
  /** what the fleet wrote: logs, and what Redis has of it on its disk */
  readonly outputs: readonly Output[];
  readonly canaries: readonly Canary[];
  /** lines on which faults were */
  readonly linesTouched: ReadonlySet<string>;
  readonly told: Told;
}
