import type { Clock } from '@ms1/runtime';
import { LRUCache } from 'lru-cache';

import type { KeptMail, PageWalk } from './kept-mail.ts';
import { type MailRef, placeOf } from './mail.ts';
import { type MailPages, pagesFor } from './mail-pages.ts';
import { RecentCounts } from './recent-counts.ts';

/** Announced messages of one place above which its pages are read. */
const FEW = 10;
/** Messages for which a page is worth its unit. One is enough where more are known to be behind it, whose turn comes next. */
const WORTH_A_PAGE = 3;
/** Messages that nobody knows the place of, for which pages go on after all: singly they cost as many units. */
const WORTH_GOING_ON = 25;
/** Pages without news that are walked for a batch: 800 messages, and 2 s where Graph takes 200 ms and 2 a message. */
const WITHOUT_NEWS_MAX = 4;
/**
 * Notifications take 3 minutes at most (docs/graph-contract.md#delivery), and our clock and Graph's may differ by two.
 */
const BEFORE_NOTICE_MS = 5 * 60_000;
const PLACES_MAX = 10_000;

/** How far the pages of a place have been read. */
interface Walk {
  /** the next page, where there was one */
  link: string | null;
  /** messages of its pages */
  size: number;
  /** ms since the epoch: when the last message on them was received, those dated ahead of now left aside */
  readTo: number;
  /** ms since the epoch: when the page was asked for that had none behind it; 0 where there are more */
  endedAt: number;
  /** messages that it did not go on for */
  missed: number;
  pages: PageWalk;
}

/**
 * Messages that were only announced: few at a time are not for here; in a burst the pages of their place are read.
 *
 * Messages come in the order in which they were noticed, so pages are read oldest first and go on where they ended: however
 * deep a mailbox is, each of its pages is read once. What is on them beyond what was asked for is kept until its turn: so
 * all mailboxes in a burst share what can be kept, and where there are many of them each has smaller pages.
 */
export class AnnouncedBursts {
  readonly #pages: Pick<MailPages, 'shareOf' | 'sizeToKeep' | 'read'>;
  readonly #kept: KeptMail;
  readonly #clock: Clock;
  readonly #counts: RecentCounts;
  readonly #reading = new Map<string, Promise<unknown>>();
  readonly #walks = new LRUCache<string, Walk>({ max: PLACES_MAX });

  constructor(
    pages: Pick<MailPages, 'shareOf' | 'sizeToKeep' | 'read'>,
    kept: KeptMail,
    clock: Clock,
  ) {
    this.#pages = pages;
    this.#kept = kept;
    this.#clock = clock;
    this.#counts = new RecentCounts(clock);
  }

  /** @param refs of one place */
  async read(refs: readonly MailRef[], signal: AbortSignal): Promise<void> {
    const [first] = refs;
    if (!first) return;
    const place = placeOf(first);
    if (this.#counts.add(place, refs.length) <= FEW) return;
    // Another batch may be at the very pages that hold these.
    while (this.#reading.has(place)) await this.#reading.get(place);
    const missing = this.#missing(refs);
    if (missing.length === 0) return;
    const run = this.#readPages(place, missing, signal);
    this.#reading.set(
      place,
      run.catch(() => undefined),
    );
    try {
      await run;
    } finally {
      this.#reading.delete(place);
    }
  }

  /** Reads pages until they hold all of `refs`, within what they may cost. One reader a place. */
  async #readPages(place: string, refs: readonly MailRef[], signal: AbortSignal): Promise<void> {
    const [first] = refs;
    if (!first) return;
    const noticed = refs.map(({ noticedAt }) => Date.parse(noticedAt));
    const walk = this.#walkOf(place, Math.min(...noticed) - BEFORE_NOTICE_MS);
    // What was noticed before the pages came to their end was on them, or is nowhere.
    if (noticed.every((at) => at <= walk.endedAt)) return;
    const hasMore = walk.size > 0 && walk.endedAt === 0;
    if (!hasMore && refs.length < WORTH_A_PAGE) return;
    let left = pagesFor(refs.length, this.#sizeFor(first));
    let without = WITHOUT_NEWS_MAX;
    while (left > 0) {
      const size = this.#sizeFor(first);
      if (size < WORTH_A_PAGE || !this.#mayGoOn(walk, refs)) return;
      const { readTo, link } = walk;
      // Where it fails the next walk does without this link.
      walk.link = null;
      walk.size = link === null ? size : walk.size;
      const listing = { from: readTo, to: null, link, walk: walk.pages };
      const askedAt = this.#clock.now();
      const page = await this.#pages.read(first, listing, { size, idsOnly: false }, signal);
      if (page === null) return;
      walk.readTo = page.reached;
      // A link keeps to the size that it began with.
      const mayGrow = this.#sizeFor(first) > walk.size && page.reached > readTo;
      walk.link = page.isLast || mayGrow ? null : page.nextLink;
      // What came while Graph answered is not on it.
      walk.endedAt = page.isLast ? askedAt : 0;
      if (page.isLast || this.#missing(refs).length === 0) return;
      // Where all had their turn the way goes on behind them, once.
      if (page.news === 0 && without > 0) without -= 1;
      else left -= 1;
    }
  }

  /**
   * Not where all of its share of what is kept is still to be asked for: what is missing then was told out of its order, and
   * is far ahead or made way. Pages for its sake would drive out what comes next, until so much is missing that there must
   * be a gap.
   */
  #mayGoOn(walk: Walk, refs: readonly MailRef[]): boolean {
    const { told, asked } = walk.pages;
    if (asked > 0 && told - asked > this.#pages.shareOf(this.#counts.above(FEW))) {
      walk.missed += this.#missing(refs).length;
      if (walk.missed < WORTH_GOING_ON) return false;
      this.#kept.passOver(walk.pages);
    }
    walk.missed = 0;
    return true;
  }

  #sizeFor({ mailboxId }: MailRef): number {
    return this.#pages.sizeToKeep(mailboxId, this.#counts.above(FEW));
  }

  #missing(refs: readonly MailRef[]): MailRef[] {
    return refs.filter((ref) => !this.#kept.reserve(ref));
  }

  /** Where pages go on for messages received from `from` on: where they ended, unless that is long before. */
  #walkOf(place: string, from: number): Walk {
    const known = this.#walks.get(place);
    if (known && known.readTo >= from) return known;
    const walk: Walk = {
      link: null,
      size: 0,
      readTo: from,
      endedAt: 0,
      missed: 0,
      pages: this.#kept.begin(),
    };
    this.#walks.set(place, walk);
    return walk;
  }
}
