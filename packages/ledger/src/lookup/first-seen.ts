import { createHmac } from 'node:crypto';
import { defineScript, Keeper, ownerOf, type Redis, storeKey } from '@ms1/redis';

import { RETENTION_MS } from '../ledger.ts';
import { Shards } from '../shards/shards.ts';
import { FIRST_LUA } from './first-seen.lua.ts';
import type { LookupOptions } from './lookup-config.ts';

/** What is remembered so, as its keys are named. */
export const FIRST_SEEN_KINDS = ['links', 'senders'] as const;
export type FirstSeenKind = (typeof FIRST_SEEN_KINDS)[number];

export interface FirstSeenOptions extends LookupOptions {
  kind: FirstSeenKind;
  /** whether it is remembered from when it was seen last, instead of first */
  renews: boolean;
}

/** A text that a message has, and what is remembered of the first that had it. */
export interface Seen {
  text: string;
  /** message key */
  key: string;
  more: Buffer;
}

const HOUR_MS = 3_600_000;
/** Of two million texts in 35 days each holds 500, up to which Redis keeps a hash in one piece (its default, 512). */
const BUCKETS = 4_096;
/** Bytes of the hash in a bucket: with those that choose it, one in 10^10 fleets of that size has one that is wrong. */
const HASH_BYTES = 8;
const HOUR_BYTES = 3;
const KEY_BYTES = 16;
/** Texts a script: 500 x 2 us keep Redis for a millisecond. */
const CHUNK = 500;

/** Remembers of texts which message had each first, under keyed hashes. One command a shard for up to 500. */
export class FirstSeen extends Keeper {
  readonly #options: FirstSeenOptions;
  readonly #shards: Shards;
  readonly #first = defineScript(this.redis, 'ms1FirstSeen', FIRST_LUA);

  constructor(redis: Redis, options: FirstSeenOptions) {
    super(redis, options);
    this.#options = options;
    this.#shards = new Shards(this.prefix, options.shards);
  }

  /** The first that had each text, in their order; null for the first itself, however often it is told of. */
  async firstOf(texts: readonly Seen[]): Promise<(Omit<Seen, 'text'> | null)[]> {
    const { retentionMs = RETENTION_MS, renews, kind } = this.#options;
    const hour = Math.floor(this.clock.now() / HOUR_MS);
    const hashed = texts.map((seen) => ({ seen, hash: this.#hash(seen.text) }));
    const byBucket = {
      shardOf: ({ hash }: Hashed, shards: number) => bucketOf(hash) % shards,
      chunk: CHUNK,
    };
    const answers = await this.#shards.spread(hashed, byBucket, async (prefix, own) => {
      const found = await this.#first(
        own.map(({ hash }) => firstSeenKey(prefix, kind, String(bucketOf(hash)))),
        [
          hour,
          Math.ceil(retentionMs / HOUR_MS),
          renews ? 1 : 0,
          ...own.flatMap(({ seen, hash }) => [hash.subarray(2), pack(hour, seen)]),
        ],
      );
      return found as string[];
    });
    return answers.map((hex) => (hex === '' ? null : unpack(Buffer.from(hex, 'hex'))));
  }

  /**
   * Forgets those of which these messages were the first. With `dryRun` it only counts.
   *
   * @returns how many
   */
  async remove(keys: ReadonlySet<string>, { dryRun = false } = {}): Promise<number> {
    if (keys.size === 0) return 0;
    let removed = 0;
    for (const prefix of this.#shards.prefixes) {
      removed += await this.#removeUnder(prefix, keys, dryRun);
    }
    return removed;
  }

  /** Forgets a text, whoever had it. With `dryRun` it only looks. */
  async forget(text: string, { dryRun = false } = {}): Promise<number> {
    const hash = this.#hash(text);
    const { prefixes } = this.#shards;
    const prefix = prefixes[bucketOf(hash) % prefixes.length] ?? this.prefix;
    const bucket = firstSeenKey(prefix, this.#options.kind, String(bucketOf(hash)));
    const field = hash.subarray(2);
    return dryRun ? this.redis.hexists(bucket, field) : this.redis.hdel(bucket, field);
  }

  async #removeUnder(prefix: string, keys: ReadonlySet<string>, dryRun: boolean): Promise<number> {
    let removed = 0;
    const server = ownerOf(this.redis, prefix);
    const pattern = firstSeenKey(prefix, this.#options.kind, '*');
    let cursor = '0';
    do {
      const [next, buckets] = await server.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000);
      cursor = next;
      for (const bucket of buckets) removed += await this.#removeFrom(bucket, keys, dryRun);
    } while (cursor !== '0');
    return removed;
  }

  async #removeFrom(bucket: string, keys: ReadonlySet<string>, dryRun: boolean): Promise<number> {
    const hashes = await this.redis.hkeysBuffer(bucket);
    if (hashes.length === 0) return 0;
    const values = await this.redis.hmgetBuffer(bucket, ...hashes);
    const found = hashes.filter((_, index) => {
      const value = values[index];
      return value && keys.has(unpack(value).key);
    });
    if (found.length > 0 && !dryRun) await this.redis.hdel(bucket, ...found);
    return found.length;
  }

  #hash(text: string): Buffer {
    return createHmac('sha256', this.#options.secret)
      .update(text)
      .digest()
      .subarray(0, 2 + HASH_BYTES);
  }
}

interface Hashed {
  seen: Seen;
  hash: Buffer;
}

function bucketOf(hash: Buffer): number {
  return hash.readUInt16BE() % BUCKETS;
}

/** A bucket stays together, in the shard of its number. `*`: of all buckets. */
export function firstSeenKey(prefix: string, kind: FirstSeenKind, bucket: string): string {
  return storeKey(prefix, kind, bucket);
}

function pack(hour: number, { key, more }: Seen): Buffer {
  const time = Buffer.alloc(HOUR_BYTES);
  time.writeUIntBE(hour, 0, HOUR_BYTES);
  return Buffer.concat([time, Buffer.from(key, 'base64url'), more]);
}

function unpack(value: Buffer): Omit<Seen, 'text'> {
  return {
    key: value.subarray(HOUR_BYTES, HOUR_BYTES + KEY_BYTES).toString('base64url'),
    more: value.subarray(HOUR_BYTES + KEY_BYTES),
  };
}
