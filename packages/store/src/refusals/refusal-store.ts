import { DEFAULT_KEY_PREFIX } from '@ms1/contracts';
import { type Clock, systemClock } from '@ms1/runtime';
import type { Redis } from 'ioredis';

import { storeKey } from '../store-key.ts';

export interface RefusalStoreOptions {
  /** default `{ms1}` */
  prefix?: string;
  clock?: Clock;
}

/** One message that Graph refused, and in which way. */
export interface Refused {
  /** message key */
  key: string;
  /** in which way: a word of the caller's */
  kind: string;
}

/** An hour: whoever is refused is looked at again within a quarter of it. */
const RETENTION_MS = 3_600_000;

/**
 * Since when Graph has refused a message in one way, for all processors: one answer proves little, the same one for
 * minutes more. Kept for an hour after the last refusal, and written for refused messages only.
 */
export class RefusalStore {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #clock: Clock;

  constructor(redis: Redis, options: RefusalStoreOptions = {}) {
    this.#redis = redis;
    this.#prefix = options.prefix ?? DEFAULT_KEY_PREFIX;
    this.#clock = options.clock ?? systemClock;
  }

  /** Notes that each is refused now. @returns ms since the first time, in order; 0 for those that it is the first time of */
  async note(refused: readonly Refused[]): Promise<number[]> {
    const now = this.#clock.now();
    const pipeline = this.#redis.pipeline();
    for (const { key, kind } of refused) {
      const name = storeKey(this.#prefix, 'refused', kind, key);
      pipeline.set(name, now, 'PX', RETENTION_MS, 'NX').pexpire(name, RETENTION_MS).get(name);
    }
    const answers = (await pipeline.exec()) ?? [];
    return refused.map((_, index) => {
      const [error, first] = answers[3 * index + 2] ?? [];
      if (error) throw error;
      return Math.max(0, now - Number(first ?? now));
    });
  }
}
