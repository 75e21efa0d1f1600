import { createHmac } from 'node:crypto';
import type { SameAs } from '@ms1/contracts';
import { defineScript, Keeper, ownerOf, type Redis, storeKey } from '@ms1/redis';

import { RETENTION_MS } from '../ledger.ts';
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
  readonly #link = defineScript(this.redis, 'ms1MessageLinks', LINK_LUA);

  constructor(redis: Redis, options: LookupOptions) {
    super(redis, options);
    this.#secret = options.secret;
    this.#retentionMs = options.retentionMs ?? RETENTION_MS;
  }

  /** The first of each one's Message-ID, in their order; null for the first itself, and for one without a Message-ID. */
  async firstOf(messages: readonly LinkedMessage[]): Promise<(SameAs | null)[]> {
    const firsts = new Map<LinkedMessage, SameAs>();
    const named = messages.filter(({ internetMessageId }) => internetMessageId?.trim());
    const hour = Math.floor(this.clock.now() / HOUR_MS);
    for (let start = 0; start < named.length; start += CHUNK) {
      const chunk = named.slice(start, start + CHUNK);
      const hashes = chunk.map(({ internetMessageId }) => this.#hash(internetMessageId ?? ''));
      const values = chunk.map((message) => pack(hour, message));
      const answers = (await this.#link(
        hashes.map((hash) => this.#bucket(hash.readUInt16BE() % BUCKETS)),
        [
          hour,
          Math.ceil(this.#retentionMs / HOUR_MS),
          ...hashes.flatMap((hash, index) => [hash.subarray(2), values[index] ?? '']),
        ],
      )) as string[];
      for (const [index, message] of chunk.entries()) {
        const answer = answers[index];
        if (answer) firsts.set(message, unpack(answer));
      }
    }
    return messages.map((message) => firsts.get(message) ?? null);
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
    const server = ownerOf(this.redis, this.prefix);
    let cursor = '0';
    do {
      const [next, buckets] = await server.scan(
        cursor,
        'MATCH',
        storeKey(this.prefix, 'links', '*'),
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

  #bucket(n: number): string {
    return storeKey(this.prefix, 'links', String(n));
  }
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
