import { createHmac } from 'node:crypto';
import type { SameAs } from '@ms1/contracts';
import { defineScript, Keeper, ownerOf, type Redis, storeKey } from '@ms1/redis';

import { RETENTION_MS } from '../ledger.ts';
import { Shards } from '../shards/shards.ts';
import type { LookupOptions } from './lookup-config.ts';
import { LINK_LUA } from './message-links.lua.ts';

/** A message that is about to be prepared. */
export interface LinkedMessage {
  key: string;
  /** object id */
  mailboxId: string;
  internetMessageId: string | null;
}

const HOUR_MS = 3_600_000;
/** Of two million messages in 35 days each holds 500, up to which Redis keeps a hash in one piece (its default, 512). */
const BUCKETS = 4_096;
/** Bytes of the hash in a bucket: with those that choose it, one in 10^10 fleets of that size has a link that is wrong. */
const HASH_BYTES = 8;
const HOUR_BYTES = 3;
const KEY_BYTES = 16;
/** Messages a script: 500 x 2 us keep Redis for a millisecond. */
const CHUNK = 500;

/**
 * Remembers of each Internet Message-ID which message came first, to link later ones to it, for as long as the ledger
 * remembers that message. Kept under a keyed hash, 50 bytes each (measured): an hour, the message key, the mailbox.
 *
 * One command for up to 500 messages. The first stays the first however often it is told of, so that a job that runs
 * twice becomes the same record.
 */
export class MessageLinks extends Keeper {
  readonly #secret: string;
  readonly #retentionMs: number;
  readonly #shards: Shards;
  readonly #link = defineScript(this.redis, 'ms1MessageLinks', LINK_LUA);

  constructor(redis: Redis, options: LookupOptions) {
    super(redis, options);
    this.#secret = options.secret;
    this.#retentionMs = options.retentionMs ?? RETENTION_MS;
    this.#shards = new Shards(this.prefix, options.shards);
  }

  /** The first of each one's Message-ID, in their order; null for the first itself, and for one without a Message-ID. */
  async firstOf(messages: readonly LinkedMessage[]): Promise<(SameAs | null)[]> {
    const named = messages
      .filter(({ internetMessageId }) => internetMessageId?.trim())
      .map((message) => ({ message, hash: this.#hash(message.internetMessageId ?? '') }));
    const hour = Math.floor(this.clock.now() / HOUR_MS);
    const byBucket = {
      shardOf: ({ hash }: Pick<Named, 'hash'>, shards: number) => bucketOf(hash) % shards,
      chunk: CHUNK,
    };
    const answers = await this.#shards.spread(named, byBucket, async (prefix, own: Named[]) => {
      const found = await this.#link(
        own.map(({ hash }) => linksKey(prefix, String(bucketOf(hash)))),
        [
          hour,
          Math.ceil(this.#retentionMs / HOUR_MS),
          ...own.flatMap(({ hash, message }) => [hash.subarray(2), pack(hour, message)]),
        ],
      );
      return found as string[];
    });
    const firsts = new Map(named.map(({ message }, index) => [message, answers[index]]));
    return messages.map((message) => {
      const first = firsts.get(message);
      return first ? unpack(first) : null;
    });
  }

  /**
   * Forgets these messages: the next of their Message-ID is the first.
   *
   * @param options.dryRun only counts
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

  async #removeUnder(prefix: string, keys: ReadonlySet<string>, dryRun: boolean): Promise<number> {
    let removed = 0;
    const server = ownerOf(this.redis, prefix);
    let cursor = '0';
    do {
      const [next, buckets] = await server.scan(
        cursor,
        'MATCH',
        linksKey(prefix, '*'),
        'COUNT',
        1_000,
      );
      cursor = next;
      for (const bucket of buckets) removed += await this.#removeFrom(bucket, keys, dryRun);
    } while (cursor !== '0');
    return removed;
  }

  async #removeFrom(bucket: string, keys: ReadonlySet<string>, dryRun: boolean): Promise<number> {
    const hashes = await this.redis.hkeysBuffer(bucket);
    if (hashes.length === 0) return 0;
    const values = await this.redis.hmgetBuffer(bucket, ...hashes);
    const found = hashes.filter((_, index) => keys.has(keyOf(values[index] ?? null)));
    if (found.length > 0 && !dryRun) await this.redis.hdel(bucket, ...found);
    return found.length;
  }

  #hash(internetMessageId: string): Buffer {
    return createHmac('sha256', this.#secret)
      .update(`first ${internetMessageId.trim()}`)
      .digest()
      .subarray(0, 2 + HASH_BYTES);
  }
}

interface Named {
  message: LinkedMessage;
  hash: Buffer;
}

function bucketOf(hash: Buffer): number {
  return hash.readUInt16BE() % BUCKETS;
}

/** A bucket stays together, in the shard of its number. `*`: of all buckets. */
export function linksKey(prefix: string, bucket: string): string {
  return storeKey(prefix, 'links', bucket);
}

function pack(hour: number, { key, mailboxId }: LinkedMessage): Buffer {
  const time = Buffer.alloc(HOUR_BYTES);
  time.writeUIntBE(hour, 0, HOUR_BYTES);
  return Buffer.concat([time, Buffer.from(key, 'base64url'), packMailbox(mailboxId)]);
}

function unpack(hex: string): SameAs {
  const value = Buffer.from(hex, 'hex');
  return { key: keyOf(value), mailbox: unpackMailbox(value.subarray(HOUR_BYTES + KEY_BYTES)) };
}

/** Empty for what is no value. */
function keyOf(value: Buffer | null): string {
  return value?.subarray(HOUR_BYTES, HOUR_BYTES + KEY_BYTES).toString('base64url') ?? '';
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A GUID in its 16 bytes; anything else as it is, behind a byte that is in no text. */
function packMailbox(id: string): Buffer {
  return GUID.test(id)
    ? Buffer.from(id.replaceAll('-', ''), 'hex')
    : Buffer.concat([Buffer.of(0xff), Buffer.from(id)]);
}

function unpackMailbox(packed: Buffer): string {
  if (packed.length !== 16) return packed.subarray(1).toString();
  return packed.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
