/**
 * The mail of a day, as the index lists it: 24 bytes a message, in the order in which it was prepared.
 *
 *     5  of the keyed hash of its mailbox     3  flags and the second of the day     16  message key
 */

/** One message of the list. */
export interface ListedMessage {
  key: string;
  /** names its mailbox, as {@link LookupIndex.tagOf} does */
  mailbox: string;
  /** ms since the epoch, to the second: when it was received, or noticed where Exchange tells no possible time */
  at: number;
  isSkipped: boolean;
  /** `at` is when Exchange received it */
  isReceived: boolean;
}

export const TAG_BYTES = 5;
const TIME_BYTES = 3;
const KEY_BYTES = 16;
export const LISTED_BYTES = TAG_BYTES + TIME_BYTES + KEY_BYTES;
const KEY_AT = TAG_BYTES + TIME_BYTES;

const DAY_MS = 24 * 3_600_000;
/** 86,400 seconds need 17 bits; the flags are above them. */
const SECONDS = 2 ** 17;
const SKIPPED = 1;
const NOT_RECEIVED = 2;

export function packListed(tag: Buffer, message: Listed): Buffer {
  const { key, receivedAt, isSkipped = false, isReceived = true } = message;
  const second = Math.floor((receivedAt % DAY_MS) / 1_000);
  const flags = (isSkipped ? SKIPPED : 0) + (isReceived ? 0 : NOT_RECEIVED);
  const time = Buffer.alloc(TIME_BYTES);
  time.writeUIntBE(flags * SECONDS + second, 0, TIME_BYTES);
  return Buffer.concat([tag, time, Buffer.from(key, 'base64url')]);
}

/** What the list is told of a message. */
interface Listed {
  key: string;
  receivedAt: number;
  isSkipped?: boolean | undefined;
  isReceived?: boolean | undefined;
}

/** Where a list goes on: after this one. */
export type ListPosition = Pick<ListedMessage, 'at' | 'key'>;

/**
 * One day, newest first; those of one second by their keys. What is zeroed, or appended twice, is there once or not at
 * all. 100,000 messages are sorted as numbers, without an object for each: who looks at a page makes those of the page.
 */
export class DayList {
  readonly #day: number;
  readonly #entries: Buffer;
  /** second, two bytes of the key, place: 17 + 16 + 20 bits, which a number holds */
  readonly #order: Float64Array;

  /** @param tag the entries of one mailbox only */
  constructor(day: number, strings: readonly (Buffer | null)[], tag?: Buffer) {
    this.#day = day;
    this.#entries = Buffer.concat(strings.map((one) => one?.subarray(0, wholeOf(one)) ?? NONE));
    const count = Math.min(this.#entries.length / LISTED_BYTES, PLACES);
    const order = new Float64Array(count);
    let kept = 0;
    for (let place = 0; place < count; place += 1) {
      const at = place * LISTED_BYTES;
      if (tag ? this.#entries.compare(tag, 0, TAG_BYTES, at, at + TAG_BYTES) : this.#isZeroed(at)) {
        continue;
      }
      const rank = rankOf(this.#secondAt(at), this.#entries.readUInt16BE(at + KEY_AT));
      order[kept] = rank * PLACES + place;
      kept += 1;
    }
    this.#order = order.subarray(0, kept).toSorted();
  }

  /** Entries: an upper bound of the messages. */
  get length(): number {
    return this.#order.length;
  }

  /** What it takes of memory. */
  get bytes(): number {
    return this.#entries.byteLength + this.#order.byteLength;
  }

  /** Newest first. With `after`, those that come after that one, which need not be there any more. */
  *newestFirst(after?: ListPosition): Generator<ListedMessage> {
    const rank = after && rankOf(this.#secondOf(after.at), prefixOf(after.key));
    const from = rank === undefined ? this.#order.length : this.#lowerBound((rank + 1) * PLACES);
    let group = -1;
    let seen = new Set<string>();
    let passed = rank !== undefined && this.#holds(rank, from, after?.key ?? '');
    for (let index = from - 1; index >= 0; index -= 1) {
      const own = Math.floor((this.#order[index] ?? 0) / PLACES);
      if (own !== group) {
        group = own;
        seen = new Set();
      }
      const message = this.#messageAt(((this.#order[index] ?? 0) % PLACES) * LISTED_BYTES);
      if (passed && own === rank) {
        seen.add(message.key);
        passed = message.key !== after?.key;
        continue;
      }
      passed = false;
      if (seen.has(message.key) || (own === rank && message.key === after?.key)) continue;
      seen.add(message.key);
      yield message;
    }
  }

  /** The entry of a message; undefined where it is not on this day. */
  get(key: string): ListedMessage | undefined {
    const bytes = Buffer.from(key, 'base64url');
    let at = this.#entries.indexOf(bytes);
    // A run of bytes across two entries may look like one.
    while (at >= 0 && at % LISTED_BYTES !== KEY_AT) at = this.#entries.indexOf(bytes, at + 1);
    return at < 0 ? undefined : this.#messageAt(at - KEY_AT);
  }

  /** Whether a key is among those of one rank, which end before this index. */
  #holds(rank: number, end: number, key: string): boolean {
    for (let index = end - 1; index >= 0; index -= 1) {
      const order = this.#order[index] ?? 0;
      if (Math.floor(order / PLACES) !== rank) return false;
      if (this.#messageAt((order % PLACES) * LISTED_BYTES).key === key) return true;
    }
    return false;
  }

  #lowerBound(value: number): number {
    let [low, high] = [0, this.#order.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#order[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #messageAt(at: number): ListedMessage {
    const flags = Math.floor(this.#entries.readUIntBE(at + TAG_BYTES, TIME_BYTES) / SECONDS);
    return {
      key: this.#entries.toString('base64url', at + KEY_AT, at + LISTED_BYTES),
      mailbox: this.#entries.toString('hex', at, at + TAG_BYTES),
      at: this.#day * DAY_MS + this.#secondAt(at) * 1_000,
      isSkipped: (flags & SKIPPED) !== 0,
      isReceived: (flags & NOT_RECEIVED) === 0,
    };
  }

  #secondAt(at: number): number {
    return this.#entries.readUIntBE(at + TAG_BYTES, TIME_BYTES) % SECONDS;
  }

  #secondOf(ms: number): number {
    return Math.floor((ms - this.#day * DAY_MS) / 1_000);
  }

  #isZeroed(at: number): boolean {
    return this.#entries.compare(ZEROES, 0, KEY_BYTES, at + KEY_AT, at + LISTED_BYTES) === 0;
  }
}

const NONE = Buffer.alloc(0);
const ZEROES = Buffer.alloc(KEY_BYTES);
const PLACES = 2 ** 20;

const rankOf = (second: number, prefix: number): number => second * 2 ** 16 + prefix;
const prefixOf = (key: string): number => Buffer.from(key, 'base64url').readUInt16BE();
const wholeOf = (string: Buffer): number => string.length - (string.length % LISTED_BYTES);
