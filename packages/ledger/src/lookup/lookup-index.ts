import { createHmac } from 'node:crypto';
import { hashedId } from '@ms1/contracts';
import { Keeper, ownerOf, type Redis, storeKey } from '@ms1/redis';

import { Shards } from '../shards/shards.ts';
import { KnownSenders } from './known-senders.ts';
import type { LookupOptions } from './lookup-config.ts';
import { MessageLinks } from './message-links.ts';

/** What is indexed of a message. Times are ms since the epoch. */
export interface IndexedMessage {
  key: string;
  mailboxId: string;
  receivedAt: number;
  internetMessageId: string | null;
  /** address */
  sender: string | null;
  subject: string | null;
}

/** What to look for; all that is told must fit. */
export interface LookupQuery {
  mailboxId?: string | undefined;
  from: number;
  to: number;
  internetMessageId?: string | undefined;
  sender?: string | undefined;
  /** words, all of which must be in the subject */
  subject?: string | undefined;
}

const DAY_MS = 24 * 3_600_000;
/** Strings a day: each holds 1/64 of the day's entries, which is what one lookup reads of a day. */
const PARTS = 64;
/** Bytes of an entry: 5 of the hash (1 in 10^12 meets another), 16 of the message key. */
const HASH_BYTES = 5;
const ENTRY_BYTES = HASH_BYTES + 16;
/** Bytes read at once: 12,500 entries, a millisecond of whoever compares them. */
const WINDOW_BYTES = 12_500 * ENTRY_BYTES;
/** Arguments of one script: 500 entries, each with its place. */
const ZEROED = 1_000;

/**
 *     KEYS  a string of entries     ARGV  a place and the entry that was read there, and so on
 *
 * Zeroes what is there still. A string that expired meanwhile is not made anew.
 */
const ZERO_LUA = `
local zeroed = 0
for index = 1, #ARGV, 2 do
  local from, entry = tonumber(ARGV[index]), ARGV[index + 1]
  if redis.call('GETRANGE', KEYS[1], from, from + #entry - 1) == entry then
    redis.call('SETRANGE', KEYS[1], from, string.rep('\\0', #entry))
    zeroed = zeroed + 1
  end
end
return zeroed
`;
/** Words of a subject: those after it are rarely what somebody remembers. */
const WORDS_MAX = 8;

/**
 * Finds messages by mailbox and day, Internet Message-ID, sender and words of the subject, from keyed
 * hashes alone: no address and no word is kept. One entry of 21 bytes for each, appended to strings that
 * are shared by a day and a part of the hashes, so that an entry costs little more than its bytes.
 * Appending twice makes an entry twice, and reading makes it one.
 */
export class LookupIndex extends Keeper {
  readonly #retentionMs: number;
  readonly #secret: string;
  readonly #links: MessageLinks;
  readonly #senders: KnownSenders;
  readonly #prefixes: readonly string[];

  constructor(redis: Redis, options: LookupOptions) {
    super(redis, options);
    this.#links = new MessageLinks(redis, options);
    this.#senders = new KnownSenders(redis, options);
    this.#secret = options.secret;
    this.#prefixes = new Shards(this.prefix, options.shards).prefixes;
    this.#retentionMs = options.retentionMs ?? 35 * DAY_MS;
  }

  /** Indexes messages, in one round trip to each shard. Those older than the retention are left out. */
  async add(messages: readonly IndexedMessage[]): Promise<void> {
    const appended = new Map<string, Buffer[]>();
    const places = new Map<string, { prefix: string; day: number }>();
    const oldest = this.clock.now() - this.#retentionMs;
    for (const message of messages) {
      if (message.receivedAt < oldest) continue;
      const day = dayOf(message.receivedAt);
      const key = Buffer.from(message.key, 'base64url');
      for (const token of tokensOf(message)) {
        const hash = this.#hash(token);
        const { prefix, name } = this.#placeOf(day, hash);
        const entries = appended.get(name) ?? [];
        entries.push(hash, key);
        appended.set(name, entries);
        places.set(name, { prefix, day });
      }
    }
    const byPrefix = Map.groupBy(appended, ([name]) => places.get(name)?.prefix);
    await Promise.all(
      [...byPrefix.values()].map(async (own) => {
        const pipeline = this.redis.pipeline();
        for (const [name, entries] of own) {
          pipeline.append(name, Buffer.concat(entries));
          const { day = 0 } = places.get(name) ?? {};
          pipeline.pexpireat(name, (day + 1) * DAY_MS + this.#retentionMs);
        }
        for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
      }),
    );
  }

  /** Message keys, of mail received on the days from `from` to `to`. A Message-ID is found with its brackets or without. */
  async find(query: LookupQuery): Promise<string[]> {
    const found: string[] = [];
    for (const internetMessageId of spellingsOf(query.internetMessageId)) {
      found.push(...(await this.#findExact({ ...query, internetMessageId })));
    }
    return [...new Set(found)];
  }

  /**
   * Takes all entries of these messages out, whatever they are found by, on whatever day. A place that held one is
   * zeroed, which nothing is found by: what is appended meanwhile does not move, and its bytes go with the day. Nothing is
   * linked to them any more.
   *
   * @param options.dryRun only counts
   * @returns entries
   */
  async remove(keys: ReadonlySet<string>, { dryRun = false } = {}): Promise<number> {
    const sought = new Set(
      [...keys].map((key) => Buffer.from(key, 'base64url').toString('latin1')),
    );
    if (sought.size === 0) return 0;
    let removed = await this.#links.remove(keys, { dryRun });
    for (const prefix of this.#prefixes) removed += await this.#removeUnder(prefix, sought, dryRun);
    return removed;
  }

  async #removeUnder(
    prefix: string,
    sought: ReadonlySet<string>,
    dryRun: boolean,
  ): Promise<number> {
    let removed = 0;
    const server = ownerOf(this.redis, prefix);
    let cursor = '0';
    do {
      // Whatever days there are: mail may be dated anyhow.
      const [next, names] = await server.scan(
        cursor,
        'MATCH',
        lookupPattern(prefix),
        'COUNT',
        1_000,
        'TYPE',
        'string',
      );
      cursor = next;
      for (const name of names) removed += await this.#removeFrom(name, sought, dryRun);
    } while (cursor !== '0');
    return removed;
  }

  /** Forgets that somebody has ever written. It takes the secret. */
  async removeSender(address: string, options: { dryRun?: boolean } = {}): Promise<number> {
    return this.#senders.forget(address, options);
  }

  async #removeFrom(name: string, sought: ReadonlySet<string>, dryRun: boolean): Promise<number> {
    let removed = 0;
    const length = await this.redis.strlen(name);
    for (let from = 0; from < length; from += WINDOW_BYTES) {
      const window = await this.redis.getrangeBuffer(name, from, from + WINDOW_BYTES - 1);
      const found: (number | Buffer)[] = [];
      for (let at = 0; at + ENTRY_BYTES <= window.length; at += ENTRY_BYTES) {
        const entry = window.subarray(at, at + ENTRY_BYTES);
        if (sought.has(entry.toString('latin1', HASH_BYTES))) found.push(from + at, entry);
      }
      if (dryRun) removed += found.length / 2;
      for (let start = 0; start < found.length && !dryRun; start += ZEROED) {
        const chunk = found.slice(start, start + ZEROED);
        removed += (await this.redis.eval(ZERO_LUA, 1, name, ...chunk)) as number;
      }
    }
    return removed;
  }

  async #findExact({ from, to, ...query }: LookupQuery): Promise<string[]> {
    const tokens = tokensOf(query).map((token) => this.#hash(token));
    if (tokens.length === 0) return [];
    const now = this.clock.now();
    const oldest = dayOf(now - this.#retentionMs);
    // No mail is from later than tomorrow, and a day is a command: until the year 9999 there are three million.
    const latest = dayOf(now + DAY_MS);
    const found: string[] = [];
    for (let day = Math.max(dayOf(from), oldest); day <= Math.min(dayOf(to), latest); day += 1) {
      const names = tokens.map((hash) => this.#placeOf(day, hash).name);
      const strings = await this.#read(names);
      const keys = tokens.map((hash, index) => keysOf(strings[index] ?? null, hash));
      const [first = new Set<string>(), ...rest] = keys;
      found.push(...[...first].filter((key) => rest.every((others) => others.has(key))));
    }
    return [...new Set(found)];
  }

  #hash(token: string): Buffer {
    return createHmac('sha256', this.#secret).update(token).digest().subarray(0, HASH_BYTES);
  }

  /** One command where all is in one slot. */
  #read(names: string[]): Promise<(Buffer | null)[]> {
    if (this.#prefixes.length === 1) return this.redis.mgetBuffer(names);
    return Promise.all(names.map((name) => this.redis.getBuffer(name)));
  }

  #placeOf(day: number, hash: Buffer): { prefix: string; name: string } {
    const part = (hash[0] ?? 0) % PARTS;
    const prefix = this.#prefixes[part % this.#prefixes.length] ?? '';
    return { prefix, name: lookupKey(prefix, day, part) };
  }
}

/** As mail spells it, and bare: people copy it without its brackets, and some mail has none. */
function spellingsOf(id: string | undefined): (string | undefined)[] {
  const bare = id?.trim().replace(/^<(.*)>$/, '$1');
  return bare ? [`<${bare}>`, bare] : [id];
}

interface Indexed {
  mailboxId?: string | undefined;
  internetMessageId?: string | null | undefined;
  sender?: string | null | undefined;
  subject?: string | null | undefined;
}

function tokensOf(of: Indexed): string[] {
  const { mailboxId, internetMessageId, sender, subject } = of;
  return [
    ...(mailboxId ? [`mailbox ${hashedId(mailboxId.toLowerCase())}`] : []),
    ...(internetMessageId ? [`id ${internetMessageId.trim()}`] : []),
    ...(sender ? [`sender ${sender.trim().toLowerCase()}`] : []),
    ...wordsOf(subject ?? '').map((word) => `word ${word}`),
  ];
}

/** Words in the sense of Unicode, without case and accents; of one letter there are too many. */
function wordsOf(subject: string): string[] {
  const plain = subject.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const words = plain.match(/[\p{L}\p{N}]{2,}/gu) ?? [];
  return [...new Set(words)].slice(0, WORDS_MAX);
}

function keysOf(entries: Buffer | null, hash: Buffer): Set<string> {
  const keys = new Set<string>();
  for (let at = 0; entries && at + ENTRY_BYTES <= entries.length; at += ENTRY_BYTES) {
    if (entries.compare(hash, 0, HASH_BYTES, at, at + HASH_BYTES) !== 0) continue;
    keys.add(entries.subarray(at + HASH_BYTES, at + ENTRY_BYTES).toString('base64url'));
  }
  return keys;
}

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** A day, and one of 64 parts of it. A part stays together, in the shard of its number. */
export function lookupKey(prefix: string, day: number, part: number): string {
  return storeKey(prefix, 'lookup', String(day), String(part));
}

/** Of all of them. */
export function lookupPattern(prefix: string): string {
  return storeKey(prefix, 'lookup', '*', '*');
}
