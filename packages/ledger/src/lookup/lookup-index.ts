import { createHmac } from 'node:crypto';
import { hashedId } from '@ms1/contracts';
import { Keeper, ownerOf, type Redis, storeKey } from '@ms1/redis';

import { Shards } from '../shards/shards.ts';
import { DayList, LISTED_BYTES, packListed, TAG_BYTES } from './day-list.ts';
import { KnownSenders } from './known-senders.ts';
import type { LookupOptions } from './lookup-config.ts';
import { MessageLinks } from './message-links.ts';
import { type Remembered, type Term, termsOf, wordsOf } from './words.ts';

/** What is indexed of a message. Times are ms since the epoch. */
export interface IndexedMessage extends Remembered {
  key: string;
  mailboxId: string;
  /** when it was received; when it was noticed, where Exchange tells no possible time */
  receivedAt: number;
  /** default true */
  isReceived?: boolean | undefined;
  /** it is no record; default false */
  isSkipped?: boolean | undefined;
  internetMessageId: string | null;
}

/** What to look for; all that is told must fit. */
export interface LookupQuery {
  mailboxId?: string | undefined;
  from: number;
  to: number;
  internetMessageId?: string | undefined;
  /** whole address */
  sender?: string | undefined;
  /** all of them must be in the subject, the sender's name or domain, or the names of files */
  words?: string | undefined;
}

const DAY_MS = 24 * 3_600_000;
/** Strings a day: each holds 1/64 of the day's words, which is what one lookup reads of a day. */
const PARTS = 64;
/** Behind them as many for the list of the day, by mailbox. */
const LIST_PARTS = Array.from({ length: PARTS }, (_, part) => PARTS + part);
/** Bytes of an entry: 5 of the hash (1 in 10^12 meets another), 16 of the message key. */
const HASH_BYTES = TAG_BYTES;
const ENTRY_BYTES = HASH_BYTES + 16;
const NO_HASH = Buffer.alloc(HASH_BYTES);
/** Entries read at once: a millisecond of whoever compares them. */
const WINDOW = 12_500;
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
/**
 * Finds messages by Internet Message-ID, sender and the words of what people remember, and lists the mail of a day and
 * mailbox, from keyed hashes alone: no address and no word is kept. One entry of 21 bytes for each word and of 24 for the
 * list, appended to strings that are shared by a day and a part of the hashes, so that an entry costs little more than
 * its bytes. Appending twice makes an entry twice, and reading makes it one.
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
      const tag = this.#hash(mailboxToken(message.mailboxId));
      const { prefix, name } = this.#listOf(day, tag);
      const listed = appended.get(name) ?? [];
      listed.push(packListed(tag, message));
      appended.set(name, listed);
      places.set(name, { prefix, day });
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

  /**
   * Message keys, of mail received on the days from `from` to `to`, the last day first and on it what was prepared last. A
   * Message-ID is found with its brackets or without.
   */
  async find(query: LookupQuery): Promise<string[]> {
    const found: string[] = [];
    for (const internetMessageId of spellingsOf(query.internetMessageId)) {
      found.push(...(await this.#findExact({ ...query, internetMessageId })));
    }
    return [...new Set(found)];
  }

  /** The mail of the day of a time, of one mailbox or of all. */
  async listed(at: number, mailboxId?: string): Promise<DayList> {
    const day = dayOf(at);
    const tag = mailboxId === undefined ? undefined : this.#hash(mailboxToken(mailboxId));
    const names = tag
      ? [this.#listOf(day, tag).name]
      : LIST_PARTS.map((part) => lookupKey(this.#prefixOf(part), day, part));
    return new DayList(day, await this.#read(names), tag);
  }

  /** What names a mailbox in a list. */
  tagOf(mailboxId: string): string {
    return this.#hash(mailboxToken(mailboxId)).toString('hex');
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
    const isList = Number(name.split(':').at(-1)) >= PARTS;
    const [size, keyAt] = isList ? [LISTED_BYTES, LISTED_BYTES - 16] : [ENTRY_BYTES, HASH_BYTES];
    let removed = 0;
    const length = await this.redis.strlen(name);
    for (let from = 0; from < length; from += WINDOW * size) {
      const window = await this.redis.getrangeBuffer(name, from, from + WINDOW * size - 1);
      const found: (number | Buffer)[] = [];
      for (let at = 0; at + size <= window.length; at += size) {
        const entry = window.subarray(at, at + size);
        if (sought.has(entry.toString('latin1', keyAt))) found.push(from + at, entry);
      }
      if (dryRun) removed += found.length / 2;
      for (let start = 0; start < found.length && !dryRun; start += ZEROED) {
        const chunk = found.slice(start, start + ZEROED);
        removed += (await this.redis.eval(ZERO_LUA, 1, name, ...chunk)) as number;
      }
    }
    return removed;
  }

  async #findExact({ from, to, mailboxId, words, ...exact }: LookupQuery): Promise<string[]> {
    const terms: Term[] = [
      ...exactTokensOf(exact).map((token) => ({ text: token, any: [[token]] })),
      ...termsOf(words ?? '').map(({ text, any }) => ({
        text,
        any: any.map((way) => way.map(wordToken)),
      })),
    ];
    if (terms.length === 0 && (mailboxId === undefined || words !== undefined)) return [];
    const now = this.clock.now();
    const oldest = dayOf(now - this.#retentionMs);
    // No mail is from later than tomorrow, and a day is a command: until the year 9999 there are three million.
    const latest = dayOf(now + DAY_MS);
    const found: string[] = [];
    for (let day = Math.min(dayOf(to), latest); day >= Math.max(dayOf(from), oldest); day -= 1) {
      found.push(...(await this.#findOn(day, terms, mailboxId)));
    }
    return [...new Set(found)];
  }

  async #findOn(
    day: number,
    terms: readonly Term[],
    mailboxId: string | undefined,
  ): Promise<string[]> {
    const tokens = [...new Set(terms.flatMap(({ any }) => any.flat()))];
    const hashes = tokens.map((token) => this.#hash(token));
    const names = hashes.map((hash) => this.#placeOf(day, hash).name);
    const strings = names.length === 0 ? [] : await this.#read(names);
    const byToken = new Map(
      tokens.map((token, n) => [token, keysOf(strings[n] ?? null, hashes[n] ?? NO_HASH)]),
    );
    const sets = terms.map(({ any }) => {
      const ways = any.map((way) => inAll(way.map((token) => byToken.get(token) ?? new Set())));
      return new Set(ways.flatMap((keys) => [...keys]));
    });
    // Nobody reads the list where the words are in no mail of the day.
    if (mailboxId === undefined || sets.some(({ size }) => size === 0)) {
      return [...inAll(sets)].toReversed();
    }
    return [...inAll([...sets, await this.#keysIn(day, mailboxId)])].toReversed();
  }

  async #keysIn(day: number, mailboxId: string): Promise<Set<string>> {
    const token = mailboxToken(mailboxId);
    const hash = this.#hash(token);
    const list = await this.listed(day * DAY_MS, mailboxId);
    // 0.1.0 indexed it as a word: 35 days after the update there is none left.
    const [older = null] = await this.#read([this.#placeOf(day, hash).name]);
    return new Set([
      ...keysOf(older, hash),
      ...[...list.newestFirst()].map(({ key }) => key).toReversed(),
    ]);
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
    return { prefix: this.#prefixOf(part), name: lookupKey(this.#prefixOf(part), day, part) };
  }

  #listOf(day: number, tag: Buffer): { prefix: string; name: string } {
    const part = PARTS + ((tag[0] ?? 0) % PARTS);
    return { prefix: this.#prefixOf(part), name: lookupKey(this.#prefixOf(part), day, part) };
  }

  #prefixOf(part: number): string {
    return this.#prefixes[part % this.#prefixes.length] ?? '';
  }
}

/** As mail spells it, and bare: people copy it without its brackets, and some mail has none. */
function spellingsOf(id: string | undefined): (string | undefined)[] {
  const bare = id?.trim().replace(/^<(.*)>$/, '$1');
  return bare ? [`<${bare}>`, bare] : [id];
}

/** What is there in all of them, in the order of the first. */
function inAll([first = new Set(), ...rest]: readonly ReadonlySet<string>[]): Set<string> {
  return new Set([...first].filter((key) => rest.every((others) => others.has(key))));
}

interface Exact {
  internetMessageId?: string | null | undefined;
  sender?: string | null | undefined;
}

function exactTokensOf({ internetMessageId, sender }: Exact): string[] {
  return [
    ...(internetMessageId ? [`id ${internetMessageId.trim()}`] : []),
    ...(sender ? [`sender ${sender.trim().toLowerCase()}`] : []),
  ];
}

const wordToken = (word: string): string => `word ${word}`;
const mailboxToken = (mailboxId: string): string => `mailbox ${hashedId(mailboxId.toLowerCase())}`;

function tokensOf(message: IndexedMessage): string[] {
  return [...exactTokensOf(message), ...wordsOf(message).map(wordToken)];
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

/** A day, and one of 128 parts of it. A part stays together, in the shard of its number. */
export function lookupKey(prefix: string, day: number, part: number): string {
  return storeKey(prefix, 'lookup', String(day), String(part));
}

/** Of all of them. */
export function lookupPattern(prefix: string): string {
  return storeKey(prefix, 'lookup', '*', '*');
}
