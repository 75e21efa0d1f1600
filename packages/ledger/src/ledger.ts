import { type LedgerChange, type LedgerEntry, type StateCounts, shardOf } from '@ms1/contracts';
import { defineScript, Keeper, type Redis, storeKey } from '@ms1/redis';
import { AMEND_LUA } from './amend.lua.ts';
import { changeArguments, ledgerText, unpackEntry } from './ledger-entry.ts';
import { RECORD_LUA } from './record.lua.ts';
import { sessionCountsKey, sessionKey } from './sessions/session-key.ts';
import { readCounters } from './shards/read-counters.ts';
import { type ShardedOptions, Shards } from './shards/shards.ts';
import { stateCounts } from './state-counts.ts';

export interface LedgerOptions extends ShardedOptions {
  /** ms that a message stays known after its last change; default 35 days */
  retentionMs?: number;
}

/** 35 days: a month of mail can be audited and searched, and Graph keeps a notification for 4 hours only. */
export const RETENTION_MS = 35 * 24 * 3_600_000;

/**
 * Messages a command. 500 changes are 4,000 arguments, which Lua can still unpack (limit 8,000), and
 * keep Redis busy for 1-2 ms: nobody else waits longer than that.
 */
const CHUNK = 500;
const BY_KEY = { shardOf, chunk: CHUNK };

/**
 * The state of each message, which outlives its jobs: what dedup, progress, audit and lookup read.
 *
 * A message moves forward only (queued < prepared < delivered | skipped | dead), decided inside one
 * script together with the counters of its session, so that two writers and any replay agree. The steps
 * back have names of their own: `reopen` of what is dead, `revive` of what was skipped.
 * One command for up to 500 messages; less than 250 bytes of Redis a message.
 */
export class Ledger extends Keeper {
  readonly #retentionMs: number;
  readonly #shards: Shards;
  readonly #record = defineScript(this.redis, 'ms1LedgerRecord', RECORD_LUA);
  readonly #amend = defineScript(this.redis, 'ms1LedgerAmend', AMEND_LUA);

  constructor(redis: Redis, options: LedgerOptions = {}) {
    super(redis, options);
    this.#retentionMs = options.retentionMs ?? RETENTION_MS;
    this.#shards = new Shards(this.prefix, options.shards);
  }

  /** What is known of each message key, in order; null where nothing is. */
  async known(keys: readonly string[]): Promise<(LedgerEntry | null)[]> {
    return this.#shards.spread(keys, BY_KEY, async (prefix, own) => {
      const packed = await this.redis.mget(own.map((key) => ledgerKey(prefix, key)));
      return packed.map((text) => (text === null ? null : unpackEntry(text)));
    });
  }

  /**
   * Records changes in order. Each chunk of 500 of a shard is atomic; a change that would move a message
   * backwards, or that was applied before, does nothing.
   */
  async record(changes: readonly LedgerChange[]): Promise<void> {
    const byTheirKey = {
      shardOf: ({ key }: LedgerChange, shards: number) => shardOf(key, shards),
      chunk: CHUNK,
    };
    await this.#shards.spread(changes, byTheirKey, async (prefix, own) => {
      await this.#record(
        [totalsKey(prefix), ...own.map(({ key }) => ledgerKey(prefix, key))],
        [
          this.#retentionMs,
          sessionCountsKey(prefix, ''),
          sessionKey(prefix, ''),
          ...changeArguments(own),
        ],
      );
      return [];
    });
  }

  /** Takes dead messages back to `queued`, for their jobs to run again. True for each that was dead. */
  async reopen(keys: readonly string[]): Promise<boolean[]> {
    return this.#amended(keys, ['x', 'q'], '');
  }

  /** Gives dead messages another reason: somebody has decided that they stay dead. True for each that changed. */
  async condemn(keys: readonly string[], reason: string): Promise<boolean[]> {
    return this.#amended(keys, ['x', 'x'], ledgerText(reason));
  }

  /**
   * Takes skipped messages back to `queued`: they are there after all. Their jobs come first, as when they are noticed
   * for the first time. True for each that was skipped.
   */
  async revive(keys: readonly string[]): Promise<boolean[]> {
    return this.#amended(keys, ['s', 'q'], '');
  }

  /** How many messages came to stand where, all sessions and none together; a final one stays counted when its entry expires. */
  async totals(): Promise<StateCounts> {
    const keys = this.#shards.prefixes.map(totalsKey);
    return stateCounts(await readCounters(this.redis, keys));
  }

  #amended(
    keys: readonly string[],
    step: readonly [was: 'x' | 's', state: 'q' | 'x'],
    reason: string,
  ): Promise<boolean[]> {
    return this.#shards.spread(keys, BY_KEY, async (prefix, own) => {
      const done = (await this.#amend(
        [totalsKey(prefix), ...own.map((key) => ledgerKey(prefix, key))],
        [
          this.#retentionMs,
          sessionCountsKey(prefix, ''),
          this.clock.now().toString(36),
          ...step,
          reason,
          sessionKey(prefix, ''),
        ],
      )) as number[];
      return done.map((one) => one === 1);
    });
  }
}

/** No thing between owner and id: a hundred thousand times eight bytes saved. */
export function ledgerKey(prefix: string, key: string): string {
  return storeKey(prefix, 'ledger', key);
}

export function totalsKey(prefix: string): string {
  return storeKey(prefix, 'ledger-totals', 'counts');
}
