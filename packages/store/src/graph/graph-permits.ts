import { randomBytes } from 'node:crypto';
import { DEFAULT_KEY_PREFIX } from '@ms1/contracts';
import type { Redis } from 'ioredis';

import { defineScript } from '../define-script.ts';
import { hashedId, storeKey } from '../store-key.ts';
import { ACQUIRE_PERMITS_LUA, HOLD_LUA, RELEASE_PERMITS_LUA } from './graph-permits.lua.ts';

/** Graph's limit of requests in flight per app and mailbox, all kinds together (Graph contract 4). */
export const GRAPH_SLOTS = 4;

export type GraphPermit =
  | { granted: true; release(): Promise<void> }
  | { granted: false; retryInMs: number };

export interface GraphPermitsOptions {
  prefix?: string;
  /** ms after which the slots of a holder that never released them are free; default 60000, above two request timeouts */
  leaseMs?: number;
  /** ms to wait when slots are merely taken; default 25, a fraction of a Graph request */
  busyRetryMs?: number;
}

/**
 * Requests in flight to Graph per mailbox, over all processes. A request (or a `$batch` that touches
 * several mailboxes) takes as many slots as it has parallel parts, all of them or none, so that two
 * batches can never hold half of what each other needs.
 */
export class GraphPermits {
  readonly #prefix: string;
  readonly #leaseMs: number;
  readonly #busyRetryMs: number;
  readonly #acquire: ReturnType<typeof defineScript>;
  readonly #release: ReturnType<typeof defineScript>;
  readonly #hold: ReturnType<typeof defineScript>;

  constructor(redis: Redis, options: GraphPermitsOptions = {}) {
    this.#prefix = options.prefix ?? DEFAULT_KEY_PREFIX;
    this.#leaseMs = options.leaseMs ?? 60_000;
    this.#busyRetryMs = options.busyRetryMs ?? 25;
    this.#acquire = defineScript(redis, 'ms1GraphPermitsAcquire', ACQUIRE_PERMITS_LUA);
    this.#release = defineScript(redis, 'ms1GraphPermitsRelease', RELEASE_PERMITS_LUA);
    this.#hold = defineScript(redis, 'ms1GraphPermitsHold', HOLD_LUA);
  }

  /**
   * Asks for slots: mailbox id -> how many (1 to 4). Never waits.
   *
   * @throws {RangeError} when a weight could never be granted
   */
  async acquire(weights: ReadonlyMap<string, number>): Promise<GraphPermit> {
    const wanted = new Map<string, number>();
    for (const [mailboxId, parts] of weights) {
      const mailbox = mailboxId.toLowerCase();
      const weight = (wanted.get(mailbox) ?? 0) + parts;
      wanted.set(mailbox, weight);
      if (!Number.isInteger(weight) || weight < 1 || weight > GRAPH_SLOTS) {
        throw new RangeError(
          `a mailbox has ${GRAPH_SLOTS} slots: a weight of ${weight} is not possible`,
        );
      }
    }
    const token = randomBytes(9).toString('base64url');
    const mailboxes = [...wanted.keys()];
    const slots = mailboxes.map((mailboxId) => this.#slotsKey(mailboxId));
    const waitMs = (await this.#acquire(
      mailboxes.flatMap((mailboxId) => [this.#slotsKey(mailboxId), this.#holdKey(mailboxId)]),
      [token, this.#leaseMs, GRAPH_SLOTS, ...wanted.values()],
    )) as number;
    if (waitMs >= 0) return { granted: false, retryInMs: waitMs || this.#busyRetryMs };
    return {
      granted: true,
      release: async () => {
        await this.#release(slots, [token, GRAPH_SLOTS]);
      },
    };
  }

  /** Lets no request to the mailbox begin for `ms` (Retry-After), in any process. */
  async hold(mailboxId: string, ms: number): Promise<void> {
    if (ms > 0) await this.#hold([this.#holdKey(mailboxId)], [Math.ceil(ms)]);
  }

  #slotsKey(mailboxId: string): string {
    return storeKey(this.#prefix, 'graph', 'slots', hashedId(mailboxId.toLowerCase()));
  }

  #holdKey(mailboxId: string): string {
    return storeKey(this.#prefix, 'graph', 'hold', hashedId(mailboxId.toLowerCase()));
  }
}
