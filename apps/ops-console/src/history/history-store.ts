import type { StateCounts } from '@ms1/contracts';
import { defineScript, Keeper, type KeeperOptions, type Redis, storeKey } from '@ms1/redis';
import { ADD_LUA, BEGIN_LUA, READ_LUA } from './history.lua.ts';
import { type HistoryBucket, mergeNumbers, toBucket, unpackNumbers } from './history-bucket.ts';
import { HISTORY_RANGE_NAMES, HISTORY_RANGES, type HistoryRange } from './history-ranges.ts';

export interface HistoryStoreOptions extends Omit<KeeperOptions, 'clock'> {
  /** what Redis's time, in ms, is taken for; default: what it is */
  time?: (redisMs: number) => number;
}

/** What was seen in one look. */
export interface Sample {
  /** read after the sample was begun: what came since the last one is counted from them */
  totals: StateCounts;
  /** jobs on the queue, in hand and delayed ones too */
  inbound: number;
  outbound: number;
  /** seconds since the mailbox that was walked least recently was walked; null: unknown */
  walkedSecondsAgo: number | null;
  staleMailboxes: number;
  deadLetters: number;
}

/** What one was begun with. */
export interface BegunSample {
  now: number;
  last: string;
}

export interface HistoryWanted {
  /** ms since the epoch; default: as far as the range reaches */
  from?: number;
  to?: number;
  /** buckets at most: several are put together; default: all */
  points?: number;
}

/** ms: three samples missed are told as a gap, and what came in it is in no rate. */
const TOLD_MS = 20_000;

/**
 * Rates, depths, freshness and dead letters over three ranges, each a ring with a fixed number of buckets: a field of a
 * bucket is written over when its turn comes again. Any number of consoles may add: a sample is taken only if no other
 * came since it was begun, so what came between two is counted once, whoever counts it.
 */
export class HistoryStore extends Keeper {
  readonly #time: (redisMs: number) => number;
  readonly #last = storeKey(this.prefix, 'history', 'last');
  readonly #begin = defineScript(this.redis, 'ms1HistoryBegin', BEGIN_LUA);
  readonly #add = defineScript(this.redis, 'ms1HistoryAdd', ADD_LUA);
  readonly #read = defineScript(this.redis, 'ms1HistoryRead', READ_LUA);

  constructor(redis: Redis, { time = (ms) => ms, ...options }: HistoryStoreOptions = {}) {
    super(redis, options);
    this.#time = time;
  }

  /** Begins a sample: what it counts is to be read after this. */
  async begin(): Promise<BegunSample> {
    const [now, last] = (await this.#begin([this.#last], [])) as [string, string];
    return { now: this.#time(Number(now)), last };
  }

  /** @returns false when another sample came since this one was begun */
  async add({ now, last }: BegunSample, sample: Sample): Promise<boolean> {
    const { queued, prepared, delivered, skipped, dead } = sample.totals;
    const taken = await this.#add(
      [this.#last, ...HISTORY_RANGE_NAMES.map((range) => this.#key(range))],
      [
        last,
        now,
        TOLD_MS,
        queued + prepared + delivered + skipped + dead,
        prepared + delivered,
        delivered,
        sample.inbound,
        sample.outbound,
        sample.walkedSecondsAgo ?? -1,
        sample.staleMailboxes,
        sample.deadLetters,
        ...HISTORY_RANGE_NAMES.flatMap((range) => Object.values(HISTORY_RANGES[range])),
      ],
    );
    return taken === 1;
  }

  /** Every bucket of a range, the oldest first; the last one is under way. One command. */
  async read(
    range: HistoryRange,
    { from = 0, to = Infinity, points = Infinity }: HistoryWanted = {},
  ): Promise<{ now: number; stepMs: number; buckets: HistoryBucket[] }> {
    const { stepMs, buckets } = HISTORY_RANGES[range];
    const [redisMs, values] = (await this.#read([this.#key(range)], [])) as [string, string[]];
    const now = this.#time(Number(redisMs));
    const kept = new Map(values.map(unpackNumbers));
    const newest = Math.floor(now / stepMs);
    const slots = Array.from({ length: buckets }, (_, nth) => newest - buckets + 1 + nth).filter(
      (slot) => (slot + 1) * stepMs > from && slot * stepMs <= to,
    );
    const each = Math.max(1, Math.ceil(slots.length / points));
    const groups = Map.groupBy(slots, (slot) => Math.floor((slot - (slots[0] ?? 0)) / each));
    return {
      now,
      stepMs: stepMs * each,
      buckets: [...groups.values()].map((group) => {
        const numbers = group.flatMap((slot) => {
          const own = kept.get(slot);
          return own ? [own] : [];
        });
        return toBucket((group[0] ?? newest) * stepMs, mergeNumbers(numbers));
      }),
    };
  }

  #key(range: HistoryRange): string {
    return storeKey(this.prefix, 'history', range);
  }
}
