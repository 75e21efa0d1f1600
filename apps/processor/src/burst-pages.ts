import type { MessageMetadata } from '@ms1/contracts';
import { type FolderReader, GraphError, isPlausible, isWhole, toMetadata } from '@ms1/graph-client';
import type { Clock } from '@ms1/runtime';

import { KeptMetadata } from './kept-metadata.ts';
import type { MessageRef } from './mail-reader.ts';
import { RecentCounts } from './recent-counts.ts';

export interface BurstPagesOptions {
  folders: Pick<FolderReader, 'recentPage'>;
  clock: Clock;
  /** messages of a page, at most */
  pageSize: number;
  keptMax?: number | undefined;
}

/** Announced messages of one mailbox above which its pages are read. */
const FEW = 20;
/** Messages not on pages seen so far for which another page is worth its unit. */
const WORTH_A_PAGE = 3;
/** A page for at most every 25 messages wanted: 0.04 units a message, of the 0.1 that a burst may cost. */
const MESSAGES_PER_PAGE_MIN = 25;
/**
 * Notifications take 3 minutes at most (docs/graph-contract.md#delivery), and our clock and Graph's may differ by two.
 */
const BEFORE_NOTICE_MS = 5 * 60_000;
/**
 * Whose turn comes later finds its metadata here: a page of 200 of each of 100 mailboxes, 20,000 x 3 KB are 60 MB. When it is
 * full of what nobody has asked for yet, pages are not read: they would drive out one another before their turns.
 */
const KEPT_MAX = 20_000;

/** How far the pages of a mailbox have been read. */
interface Walk {
  /** the next page, where there was one */
  link: string | null;
  /** ms since the epoch: when the last message on them was received, those dated ahead of now left aside */
  readTo: number;
  /** ms since the epoch: when there was no further page; 0 where there is */
  endedAt: number;
}

/**
 * Metadata of messages that were only announced: few at a time are not for here; in a burst the pages of the mailbox are
 * read, hundreds for a unit.
 *
 * Messages come in the order in which they were noticed, so pages are read oldest first and go on where they ended: however
 * deep a mailbox is, each of its pages is read once.
 */
export class BurstPages {
  readonly #options: BurstPagesOptions;
  readonly #kept: KeptMetadata;
  readonly #counts: RecentCounts;
  readonly #reading = new Map<string, Promise<void>>();
  readonly #walks = new Map<string, Walk>();
  #pagesOnTheirWay = 0;

  constructor(options: BurstPagesOptions) {
    this.#options = options;
    this.#kept = new KeptMetadata(options.clock, options.keptMax ?? KEPT_MAX);
    this.#counts = new RecentCounts(options.clock);
  }

  /** What a page told of a message. */
  take(messageId: string): MessageMetadata | undefined {
    return this.#kept.take(messageId);
  }

  /** Reads the pages of each mailbox that is in a burst. */
  async read(refs: readonly MessageRef[], signal: AbortSignal): Promise<void> {
    const byMailbox = Map.groupBy(refs, ({ mailboxId }) => mailboxId);
    await Promise.all(
      [...byMailbox].map(async ([mailboxId, some]) => {
        if (this.#counts.add(mailboxId, some.length) > FEW) {
          await this.#readBurst(mailboxId, some, signal);
        }
      }),
    );
  }

  async #readBurst(
    mailboxId: string,
    refs: readonly MessageRef[],
    signal: AbortSignal,
  ): Promise<void> {
    // Another batch may be at the very pages that hold these.
    while (this.#reading.has(mailboxId)) await this.#reading.get(mailboxId);
    const missing = this.#kept.missing(refs);
    if (missing.length < WORTH_A_PAGE) return;
    const run = this.#readPages(missing, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      // What pages do not tell is asked for singly, and ends by its own outcome.
      if (!(error instanceof GraphError)) throw error;
    });
    const settled = run.catch(() => undefined);
    this.#reading.set(mailboxId, settled);
    try {
      await run;
    } finally {
      this.#reading.delete(mailboxId);
    }
  }

  /** Reads pages until they hold all of `refs`, within what they may cost. One reader a mailbox. */
  async #readPages(refs: readonly MessageRef[], signal: AbortSignal): Promise<void> {
    const [first] = refs;
    if (!first) return;
    const { folders, clock, pageSize } = this.#options;
    const { mailboxId, priority } = first;
    const earliest = Math.min(...refs.map(({ noticedAt }) => Date.parse(noticedAt)));
    const walk = this.#walkOf(mailboxId, earliest - BEFORE_NOTICE_MS);
    // What was noticed before the pages came to their end was on them, or is nowhere.
    if (refs.every(({ noticedAt }) => Date.parse(noticedAt) <= walk.endedAt)) return;
    for (let left = Math.ceil(refs.length / MESSAGES_PER_PAGE_MIN); left > 0; left -= 1) {
      if (!this.#kept.hasRoomFor((this.#pagesOnTheirWay + 1) * pageSize)) return;
      const from = new Date(walk.readTo).toISOString();
      const { link } = walk;
      // Where it fails the next walk does without this link.
      walk.link = null;
      this.#pagesOnTheirWay += 1;
      const page = await folders
        .recentPage({ mailboxId, from, to: null, order: 'asc', link, priority, pageSize, signal })
        .finally(() => {
          this.#pagesOnTheirWay -= 1;
        });
      const messages = page.messages.flatMap(({ id, message }) =>
        message && isWhole(message) ? { id, metadata: toMetadata(message) } : [],
      );
      this.#kept.keep(messages);
      const now = clock.now();
      const times = messages.map(({ metadata }) => Date.parse(metadata.receivedAt));
      const plausible = times.filter((time) => isPlausible(time, now));
      // What is dated ahead of now comes last: new mail lies before it, not behind it.
      const isLast = page.nextLink === null || plausible.length < times.length;
      walk.link = isLast ? null : page.nextLink;
      walk.endedAt = isLast ? now : 0;
      walk.readTo = Math.max(walk.readTo, ...plausible);
      if (walk.link === null || this.#kept.missing(refs).length < WORTH_A_PAGE) return;
    }
  }

  /** Where pages go on for messages received from `from` on: where they ended, unless that is long before. */
  #walkOf(mailboxId: string, from: number): Walk {
    const known = this.#walks.get(mailboxId);
    if (known && known.readTo >= from) return known;
    const walk: Walk = { link: null, readTo: from, endedAt: 0 };
    this.#walks.set(mailboxId, walk);
    return walk;
  }
}
