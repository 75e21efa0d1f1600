import { DEFAULT_KEY_PREFIX, type StateCounts } from '@ms1/contracts';
import type { Redis } from 'ioredis';

import { defineScript } from '../define-script.ts';
import { sessionCountsKey, sessionKey, storeKey } from '../store-key.ts';
import {
  changeArguments,
  type LedgerChange,
  type LedgerEntry,
  unpackEntry,
} from './ledger-entry.ts';
import { RECORD_LUA } from './record.lua.ts';
import { stateCounts } from './state-counts.ts';

export interface LedgerOptions {
  /** default `{ms1}` */
  prefix?: string;
  /** ms that a message stays known after its last change; default 35 days */
  retentionMs?: number;
}

/** 35 days: a month of mail can be audited and searched, and Graph keeps a notification for 4 hours only. */
const RETENTION_MS = 35 * 24 * 3_600_000;

/**
 * Messages a command. 500 changes are 3,500 arguments, which Lua can still unpack (limit 8,000), and
 * keep Redis busy for 1-2 ms: nobody else waits longer than that.
 */
const CHUNK = 500;

/**
 * The state of each message, which outlives its jobs: what dedup, progress, audit and lookup read.
 *
 * A message moves forward only (queued < prepared < delivered | skipped | dead), decided inside one
 * script together with the counters of its session, so that two writers and any replay agree.
 * One command for up to 500 messages; less than 250 bytes of Redis a message.
 */
export class Ledger {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #retentionMs: number;
  readonly #record: ReturnType<typeof defineScript>;

  constructor(redis: Redis, options: LedgerOptions = {}) {
    this.#redis = redis;
    this.#prefix = options.prefix ?? DEFAULT_KEY_PREFIX;
    this.#retentionMs = options.retentionMs ?? RETENTION_MS;
    this.#record = defineScript(redis, 'ms1LedgerRecord', RECORD_LUA);
  }

  /** What is known of each message key, in order; null where nothing is. */
  async known(keys: readonly string[]): Promise<(LedgerEntry | null)[]> {
    const entries: (LedgerEntry | null)[] = [];
    for (let start = 0; start < keys.length; start += CHUNK) {
      const chunk = keys.slice(start, start + CHUNK).map((key) => this.#key(key));
      for (const packed of await this.#redis.mget(chunk)) {
        entries.push(packed === null ? null : unpackEntry(packed));
      }
    }
    return entries;
  }

  /**
   * Records changes in order. Each chunk of 500 is atomic; a change that would move a message
   * backwards, or that was applied before, does nothing.
   */
  async record(changes: readonly LedgerChange[]): Promise<void> {
    for (let start = 0; start < changes.length; start += CHUNK) {
      const chunk = changes.slice(start, start + CHUNK);
      await this.#record(
        [totalsKey(this.#prefix), ...chunk.map(({ key }) => this.#key(key))],
        [
          this.#retentionMs,
          sessionCountsKey(this.#prefix, ''),
          sessionKey(this.#prefix, ''),
          ...chunk.flatMap(changeArguments),
        ],
      );
    }
  }

  /** How many messages came to stand where, all sessions and none together; a final one stays counted when its entry expires. */
  async totals(): Promise<StateCounts> {
    return stateCounts(await this.#redis.hgetall(totalsKey(this.#prefix)));
  }

  /** No thing between owner and id: a hundred thousand times eight bytes saved. */
  #key(key: string): string {
    return storeKey(this.#prefix, 'ledger', key);
  }
}

function totalsKey(prefix: string): string {
  return storeKey(prefix, 'ledger-totals', 'counts');
}
