import { Keeper, type Redis } from '@ms1/redis';

import { readCounters } from '../shards/read-counters.ts';
import { type ShardedOptions, Shards } from '../shards/shards.ts';
import type { SessionStatus } from './session.ts';
import { sessionCountsKey, sessionKey } from './session-key.ts';

/**
 * What the shards have of a session: its counters, and how it stands, which the ledger's scripts ask where they run. One
 * shard has the session itself.
 */
export class ShardSessions extends Keeper {
  readonly #retentionMs: number;
  /** none where the session itself is there */
  readonly #others: readonly string[];
  readonly #prefixes: readonly string[];

  constructor(redis: Redis, options: ShardedOptions & { retentionMs: number }) {
    super(redis, options);
    this.#retentionMs = options.retentionMs;
    this.#prefixes = new Shards(this.prefix, options.shards).prefixes;
    this.#others = this.#prefixes.filter((prefix) => prefix !== this.prefix);
  }

  get isSpread(): boolean {
    return this.#others.length > 0;
  }

  /** Where the messages of a session stand, as their fields. */
  counters(id: string): Promise<Record<string, string>> {
    return readCounters(
      this.redis,
      this.#prefixes.map((prefix) => sessionCountsKey(prefix, id)),
    );
  }

  /** Tells all shards how a session stands. Of one that ended they forget it with its entries, by themselves. */
  async tell(id: string, status: SessionStatus): Promise<void> {
    const goesOn = status === 'open' || status === 'closing';
    await Promise.all(
      this.#others.map(async (prefix) => {
        const told = this.redis.pipeline().hset(sessionKey(prefix, id), 'status', status);
        for (const key of [sessionKey(prefix, id), sessionCountsKey(prefix, id)]) {
          if (goesOn) told.persist(key);
          else told.pexpire(key, this.#retentionMs);
        }
        for (const [error] of (await told.exec()) ?? []) if (error) throw error;
      }),
    );
  }
}
