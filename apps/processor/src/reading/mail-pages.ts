import {
  type ExpandedPage,
  type ExpandedPageRequest,
  type ExpandedPages,
  GraphError,
  isPlausible,
  isWhole,
  judgeHeaders,
  timeOf,
  toMetadata,
} from '@ms1/graph-client';
import type { Clock } from '@ms1/runtime';
import { LRUCache } from 'lru-cache';
import pLimit, { type Limit } from 'p-limit';

import type { KeptMail, PageWalk } from './kept-mail.ts';
import type { MailRef } from './mail.ts';

/** One listing of a place, and where it stands. */
export interface Listing {
  /** ms since the epoch, whole seconds as Graph tells them, bounds included; null is no bound */
  from: number;
  to: number | null;
  /** the next page of it; null begins it */
  link: string | null;
  /** what its pages tell is kept as part of it */
  walk: PageWalk;
}

export interface ListedPage {
  /** ms since the epoch: when the last of its messages was received, those dated ahead of now left aside */
  reached: number;
  /** whether it is the last one, as far as mail that is not dated ahead of now goes */
  isLast: boolean;
  nextLink: string | null;
  /** messages of it that may still be asked for */
  news: number;
}

/** bytes of a message on a page before any was seen: 3 KB of metadata and two files */
const BYTES_FIRST = 4_096;

/** The other half is for those who came before all were known to be busy. */
const SHARED = 1 / 2;

/**
 * Pages of a mailbox at once. Of its four requests in flight one is left to its walk and to mail that no page holds; and
 * who waits here does not use up the 10 s after which a call without a permit is given back.
 */
const AT_ONCE = 3;
const MAILBOXES_MAX = 10_000;
const SECOND_MS = 1_000;

/** ms that may be spent on pages that fail */
const FAILED_MS_MAX = 5_000;

/** Reads pages, and keeps what they tell. */
export class MailPages {
  readonly #pages: Pick<ExpandedPages, 'read' | 'sizeOf'>;
  readonly #kept: KeptMail;
  readonly #clock: Clock;
  readonly #authservIds: readonly string[];
  /** bytes of a message, on average over the last pages */
  #bytesEach = BYTES_FIRST;
  #messagesOnTheirWay = 0;
  readonly #limits = new LRUCache<string, Limit>({ max: MAILBOXES_MAX });

  constructor(
    pages: Pick<ExpandedPages, 'read' | 'sizeOf'>,
    kept: KeptMail,
    clock: Clock,
    authservIds: readonly string[],
  ) {
    this.#pages = pages;
    this.#kept = kept;
    this.#clock = clock;
    this.#authservIds = authservIds;
  }

  /** Messages that a page of wanted ones may have; 1: they are to be read by themselves. */
  sizeOf(mailboxId: string): number {
    return this.#pages.sizeOf(mailboxId);
  }

  /** Messages that one of `busy` mailboxes may have waiting when it reads on: with the page that it reads then, twice. */
  shareOf(busy: number): number {
    return Math.floor((this.#kept.bytesMax * SHARED) / Math.max(busy, 1) / this.#bytesEach);
  }

  /** The same for a page that is kept for later, where `busy` mailboxes share the room, and no more than there is of it. */
  sizeToKeep(mailboxId: string, busy: number): number {
    const size = Math.min(this.#pages.sizeOf(mailboxId), this.shareOf(busy));
    const ahead = this.#messagesOnTheirWay * this.#bytesEach;
    const room = this.#kept.roomFor(ahead + size * this.#bytesEach) - ahead;
    return Math.max(Math.floor(room / this.#bytesEach), 0);
  }

  /**
   * Reads a page, smaller ones after those that failed at once. null: Graph did not give any. What no page tells is asked
   * for by itself, and ends by its own outcome.
   *
   * @param size messages at most; default as many as do well
   */
  async read(
    ref: MailRef,
    listing: Listing,
    options: { size?: number; idsOnly: boolean },
    signal: AbortSignal,
  ): Promise<ListedPage | null> {
    const { mailboxId } = ref;
    const limit = this.#limits.get(mailboxId) ?? pLimit(AT_ONCE);
    this.#limits.set(mailboxId, limit);
    const asked = options.size ?? this.#pages.sizeOf(mailboxId);
    this.#messagesOnTheirWay += asked;
    try {
      return await limit(() => this.#readNow(ref, listing, options, signal));
    } finally {
      this.#messagesOnTheirWay -= asked;
    }
  }

  async #readNow(
    ref: MailRef,
    { from, to, link, walk }: Listing,
    { size, idsOnly }: { size?: number; idsOnly: boolean },
    signal: AbortSignal,
  ): Promise<ListedPage | null> {
    signal.throwIfAborted();
    const { mailboxId, folderId, priority, headers } = ref;
    const window = {
      from: new Date(from).toISOString(),
      to: to === null ? null : new Date(to).toISOString(),
    };
    const place = { mailboxId, folderId, priority, headers };
    const began = this.#clock.now();
    let page: ExpandedPage | null = null;
    for (;;) {
      const wanted = Math.min(this.#pages.sizeOf(mailboxId), size ?? Number.POSITIVE_INFINITY);
      if (wanted <= 1) return null;
      page = await this.#ask({ ...place, ...window, link, size: wanted, idsOnly, signal });
      if (page) break;
      // A link keeps to its size; and nobody waits twice for Graph to give up.
      const isSmaller = link === null && this.#pages.sizeOf(mailboxId) < wanted;
      if (!isSmaller || this.#clock.now() > began + FAILED_MS_MAX) return null;
    }
    const count = page.messages.length;
    const bytes = count === 0 ? 0 : page.bytes / count;
    if (count > 0) this.#bytesEach = Math.ceil((3 * this.#bytesEach + bytes) / 4);
    const times = page.messages.map(({ message }) => timeOf(message?.receivedDateTime));
    const now = this.#clock.now();
    const plausible = times.filter((time) => isPlausible(time, now));
    const reached = Math.max(from, ...plausible);
    const news = this.#kept.keep(
      newsOf(page.messages, times, walk, reached).flatMap(({ id, message, attachments }) => {
        if (!message || !attachments) return [];
        const metadata = isWhole(message) ? toMetadata(message) : null;
        const facts = headers ? judgeHeaders(message, this.#authservIds) : null;
        return [{ id, mail: { metadata, facts, attachments } }];
      }),
      bytes,
      walk,
    );
    return {
      reached,
      // What is dated ahead of now comes last: new mail lies before it, not behind it.
      isLast: page.nextLink === null || plausible.length < count,
      nextLink: page.nextLink,
      news,
    };
  }

  async #ask(request: ExpandedPageRequest): Promise<ExpandedPage | null> {
    try {
      return await this.#pages.read(request);
    } catch (error) {
      request.signal.throwIfAborted();
      if (error instanceof GraphError) return null;
      throw error;
    }
  }
}

/** What a page tells that its walk had not told of the second in which it begins, and where the walk ends now. */
function newsOf(
  messages: ExpandedPage['messages'],
  times: readonly (number | null)[],
  { end }: PageWalk,
  reached: number,
): ExpandedPage['messages'] {
  const news = messages.filter(({ id }) => !end.ids.has(id));
  const second = Math.floor(reached / SECOND_MS);
  if (second !== end.second) Object.assign(end, { second, ids: new Set<string>() });
  for (const [index, { id }] of messages.entries()) {
    if (Math.floor((times[index] ?? 0) / SECOND_MS) === second) end.ids.add(id);
  }
  return news;
}

/** Pages that so many messages may cost where others lie between them: 0.04 units a message, or two pages of half use. */
export function pagesFor(messages: number, size: number): number {
  return 1 + Math.ceil(messages / Math.min(25, Math.ceil(size / 2)));
}
