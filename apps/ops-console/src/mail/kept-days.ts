import type { LookupIndex } from '@ms1/ledger';
import type { Clock } from '@ms1/runtime';
import { LRUCache } from 'lru-cache';

type Listing = Pick<LookupIndex, 'listed'>;
type DayList = Awaited<ReturnType<Listing['listed']>>;

/** ms that pages go on in what an earlier one has read: as long as somebody may look at one before the next. */
const KEPT_MS = 60_000;
const LISTS_MAX = 16;
/** Some two million messages: what a day has at most is half of it. */
const BYTES_MAX = 64 * 2 ** 20;

/**
 * Lists of days as pages have read them: sorting a day of 100,000 messages costs more than all else of a page, and a
 * page behind the first goes on in the very list that the one before it was of. The first page always reads anew. Of a
 * message that was forgotten meanwhile the list has a key only, and the ledger nothing to show.
 */
export class KeptDays {
  readonly #index: Listing;
  readonly #lists: LRUCache<string, DayList>;

  constructor(index: Listing, clock: Clock) {
    this.#index = index;
    this.#lists = new LRUCache({
      max: LISTS_MAX,
      maxSize: BYTES_MAX,
      sizeCalculation: ({ bytes }) => Math.max(bytes, 1),
      ttl: KEPT_MS,
      ttlResolution: 0,
      perf: clock,
    });
  }

  /** What the first page of a question reads. */
  get first(): Listing {
    return { listed: (at, mailboxId) => this.#read(at, mailboxId) };
  }

  /** What a page behind it reads. */
  get behind(): Listing {
    return {
      listed: async (at, mailboxId) =>
        this.#lists.get(nameOf(at, mailboxId)) ?? (await this.#read(at, mailboxId)),
    };
  }

  async #read(at: number, mailboxId: string | undefined): Promise<DayList> {
    const list = await this.#index.listed(at, mailboxId);
    this.#lists.set(nameOf(at, mailboxId), list);
    return list;
  }
}

const nameOf = (at: number, mailboxId = ''): string => `${at} ${mailboxId}`;
