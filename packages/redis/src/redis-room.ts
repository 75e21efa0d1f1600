import type { Clock } from '@ms1/runtime';
import pTimeout from 'p-timeout';

import { ownersOf } from './owner-of.ts';
import type { Redis } from './redis.ts';
import { infoField } from './redis-server-facts.ts';

/**
 * Shares of maxmemory. What waits needs memory to be worked off (a record, locks, the ledger): at the limit itself Redis
 * refuses those writes too, and nothing drains.
 */
const FULL = 0.85;
const ROOM_AGAIN = 0.8;
/** A look serves so many ms: 5,000 messages a second of 2.5 KB are 25 MB by then, a tenth of 256 MB. */
const FRESH_MS = 2_000;
/** While it is full nobody waits long for the room that there is again. */
const FRESH_FULL_MS = 200;
/** ms for an answer; mail must not wait for it where Redis does not say */
const WAIT_MS = 1_000;

/** Whether Redis has room for new work beside that which waits (docs/reliability.md#a-redis-that-is-full). */
export class RedisRoom {
  readonly #clock: Clock;
  #isFull = false;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #look: Promise<void> | undefined;

  /** @param clock ms of one that never jumps */
  constructor(clock: Clock = performance) {
    this.#clock = clock;
  }

  /** @param prefixes of all that new work needs. Where Redis does not answer, what it said last counts. */
  async isFull(redis: Redis, prefixes: readonly string[]): Promise<boolean> {
    const fresh = this.#isFull ? FRESH_FULL_MS : FRESH_MS;
    if (this.#clock.now() - this.#lookedAt >= fresh) {
      const look = (): Promise<void> =>
        pTimeout(this.#lookAt(redis, prefixes), { milliseconds: WAIT_MS });
      this.#look ??= look().finally(() => {
        this.#look = undefined;
        // Also where it did not answer: not every message is to wait for that.
        this.#lookedAt = this.#clock.now();
      });
      await this.#look.catch(() => undefined);
    }
    return this.#isFull;
  }

  async #lookAt(redis: Redis, prefixes: readonly string[]): Promise<void> {
    const owners = ownersOf(redis, prefixes);
    const shares = await Promise.all(
      owners.map(async (owner) => {
        const info = await owner.info('memory');
        const limit = Number(infoField(info, 'maxmemory'));
        return limit > 0 ? Number(infoField(info, 'used_memory')) / limit : 0;
      }),
    );
    this.#isFull = Math.max(...shares) >= (this.#isFull ? ROOM_AGAIN : FULL);
  }
}
