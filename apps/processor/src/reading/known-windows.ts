import type { Clock } from '@ms1/runtime';
import { LRUCache } from 'lru-cache';

import type { KeptMail } from './kept-mail.ts';
import { type MailRef, placeOf } from './mail.ts';
import { type Listing, type MailPages, pagesFor } from './mail-pages.ts';

/** Messages for which a page is worth its unit: as many by themselves cost as many units. */
const WORTH_A_PAGE = 2;
/** ms in which a listing is gone on with where the last one stopped */
const STOPPED_MS = 60_000;
const STOPS_MAX = 1_000;
const SECOND_MS = 1_000;

/** A message, and the second in which it was received: Graph tells no more, and a page may begin at no less. */
interface Timed {
  ref: MailRef;
  second: number;
}

interface Stop extends Listing {
  /** the second of its last message: others of it may be behind the link */
  reached: number;
  /** ms since the epoch */
  at: number;
}

/**
 * Messages of which their jobs say when they were received: pages of the windows that they fill, oldest first. Nearly all
 * of a window is wanted, because a delta page's messages wait together.
 */
export class KnownWindows {
  readonly #pages: Pick<MailPages, 'sizeOf' | 'read'>;
  readonly #kept: KeptMail;
  readonly #clock: Clock;
  /** those that are being read, by place */
  readonly #running = new Map<string, Set<{ from: number; to: number; end: Promise<unknown> }>>();
  readonly #stops = new LRUCache<string, Stop>({ max: STOPS_MAX });

  constructor(pages: Pick<MailPages, 'sizeOf' | 'read'>, kept: KeptMail, clock: Clock) {
    this.#pages = pages;
    this.#kept = kept;
    this.#clock = clock;
  }

  /**
   * @param refs of one place, not kept yet
   * @param idsOnly all that is wanted of the place has its metadata
   */
  async read(
    refs: readonly { ref: MailRef; receivedAt: number }[],
    idsOnly: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const [first] = refs;
    const size = first ? this.#pages.sizeOf(first.ref.mailboxId) : 0;
    if (size < WORTH_A_PAGE) return;
    const timed = refs
      .map(({ ref, receivedAt }) => ({
        ref,
        second: Math.floor(receivedAt / SECOND_MS) * SECOND_MS,
      }))
      .toSorted((a, b) => a.second - b.second);
    await Promise.all(
      windowsOf(timed, size).map((window) => this.#readWindow(window, idsOnly, signal)),
    );
  }

  async #readWindow(window: readonly Timed[], idsOnly: boolean, signal: AbortSignal) {
    const [first, last] = [window[0], window.at(-1)];
    if (!first || !last || window.length < WORTH_A_PAGE) return;
    const place = placeOf(first.ref);
    const running = this.#running.get(place) ?? new Set();
    this.#running.set(place, running);
    const { second: from } = first;
    const { second: to } = last;
    // Another batch may be at the very pages that hold these.
    for (;;) {
      const other = [...running].find((one) => one.from <= to && one.to >= from);
      if (!other) break;
      await other.end;
    }
    const run = this.#readPages(window, idsOnly, signal);
    const one = { from, to, end: run.catch(() => undefined) };
    running.add(one);
    try {
      await run;
    } finally {
      running.delete(one);
      if (running.size === 0) this.#running.delete(place);
    }
  }

  /** Reads pages until they hold all of the window, within what they may cost. */
  async #readPages(window: readonly Timed[], idsOnly: boolean, signal: AbortSignal): Promise<void> {
    let missing = this.#missing(window);
    const { ref } = window[0] as Timed;
    let left = pagesFor(missing.length, this.#pages.sizeOf(ref.mailboxId));
    let stop = this.#stopAt(window);
    let listing = this.#next(missing, stop);
    for (; listing !== null && left > 0; left -= 1) {
      const page = await this.#pages.read(ref, listing, { idsOnly }, signal);
      if (page === null) return;
      const reached = Math.floor(page.reached / SECOND_MS) * SECOND_MS;
      const { nextLink } = page;
      // What was received before the last of them, and is on no page, is not in this place.
      const passed: number = nextLink === null ? (listing.to ?? reached) : reached - 1;
      missing = this.#missing(missing).filter(({ second }) => second > passed);
      stop =
        nextLink === null ? null : { ...listing, link: nextLink, reached, at: this.#clock.now() };
      listing = this.#next(missing, stop);
    }
    if (stop) this.#remember(window, stop);
  }

  /** Where the last listing stopped, if it was in the very second in which this window begins. */
  #stopAt([first]: readonly Timed[]): Stop | null {
    const place = first ? placeOf(first.ref) : '';
    const stop = this.#stops.get(place);
    if (stop?.reached !== first?.second) return null;
    this.#stops.delete(place);
    return stop && stop.at > this.#clock.now() - STOPPED_MS ? stop : null;
  }

  #remember([first]: readonly Timed[], stop: Stop): void {
    if (first) this.#stops.set(placeOf(first.ref), stop);
  }

  /** null: not worth a page. */
  #next(missing: readonly Timed[], stop: Stop | null): Listing | null {
    const [first, last] = [missing[0], missing.at(-1)];
    if (first && last && missing.length >= WORTH_A_PAGE) {
      if (stop?.reached === first.second) return stop;
      const to = last.second + SECOND_MS - 1;
      return { from: first.second, to, link: null, walk: this.#kept.begin() };
    }
    return null;
  }

  #missing(timed: readonly Timed[]): Timed[] {
    return timed.filter(({ ref }) => !this.#kept.reserve(ref));
  }
}

/** Consecutive, about as many in each, and no second in two of them: a page begins with all of its first second. */
function windowsOf(timed: readonly Timed[], size: number): Timed[][] {
  const each = Math.ceil(timed.length / Math.ceil(timed.length / size));
  const windows: Timed[][] = [];
  for (const one of timed) {
    const window = windows.at(-1);
    const isOfIt = window && (window.length < each || window.at(-1)?.second === one.second);
    if (isOfIt) window.push(one);
    else windows.push([one]);
  }
  return windows;
}
