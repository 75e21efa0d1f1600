import type { MessageMetadata } from '@ms1/contracts';
import { GraphError, isPlausible } from '@ms1/graph-client';
import type { Clock } from '@ms1/runtime';

import type { MessageRef, ReadOutcome } from './hydrate.ts';
import { KeptMetadata } from './kept-metadata.ts';
import { RecentCounts } from './recent-counts.ts';

/** A page of what a mailbox received, oldest first. */
export interface RecentPage {
  messages: { id: string; metadata: MessageMetadata }[];
  nextLink: string | null;
}

export interface ReadBurstsOptions {
  /** one unit a message */
  readEach(
    refs: readonly MessageRef[],
    signal: AbortSignal,
  ): Promise<ReadOutcome<MessageMetadata>[]>;
  /** one unit a page */
  readPage(
    request: {
      mailboxId: string;
      /** RFC 3339; received at or after */
      from: string;
      link: string | null;
      priority: MessageRef['priority'];
    },
    signal: AbortSignal,
  ): Promise<RecentPage>;
  /** messages of a page, at most */
  pageSize: number;
  clock: Clock;
  /** messages whose metadata is kept at most; default 20,000 */
  keptMax?: number;
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
 * Metadata of messages that were only announced. Few at a time they are fetched one by one; in a burst
 * the pages of the mailbox are read instead, hundreds for a unit, and what no page holds (moved in from
 * elsewhere, deleted, announced late) is fetched singly. Outcomes are in the order asked.
 *
 * Messages come in the order in which they were noticed, so pages are read oldest first and go on where they ended: however
 * deep a mailbox is, each of its pages is read once.
 */
export function createReadBursts(options: ReadBurstsOptions) {
  const { clock, pageSize } = options;
  const kept = new KeptMetadata(clock, options.keptMax ?? KEPT_MAX);
  const counts = new RecentCounts(clock);
  const reading = new Map<string, Promise<void>>();
  const walks = new Map<string, Walk>();
  let pagesOnTheirWay = 0;

  /** Reads pages until they hold all of `refs`, within what they may cost. One reader a mailbox. */
  const readPages = async (refs: readonly MessageRef[], signal: AbortSignal): Promise<void> => {
    const [first] = refs;
    if (!first) return;
    const { mailboxId, priority } = first;
    const earliest = Math.min(...refs.map(({ noticedAt }) => Date.parse(noticedAt)));
    const walk = walkOf(mailboxId, earliest - BEFORE_NOTICE_MS);
    // What was noticed before the pages came to their end was on them, or is nowhere.
    if (refs.every(({ noticedAt }) => Date.parse(noticedAt) <= walk.endedAt)) return;
    for (let left = Math.ceil(refs.length / MESSAGES_PER_PAGE_MIN); left > 0; left -= 1) {
      if (!kept.hasRoomFor((pagesOnTheirWay + 1) * pageSize)) return;
      const from = new Date(walk.readTo).toISOString();
      const { link } = walk;
      // Where it fails the next walk does without this link.
      walk.link = null;
      pagesOnTheirWay += 1;
      const page: RecentPage = await options
        .readPage({ mailboxId, from, link, priority }, signal)
        .finally(() => {
          pagesOnTheirWay -= 1;
        });
      kept.keep(page.messages);
      const now = clock.now();
      const times = page.messages.map(({ metadata }) => Date.parse(metadata.receivedAt));
      const plausible = times.filter((time) => isPlausible(time, now));
      // What is dated ahead of now comes last: new mail lies before it, not behind it.
      const isLast = page.nextLink === null || plausible.length < times.length;
      walk.link = isLast ? null : page.nextLink;
      walk.endedAt = isLast ? now : 0;
      walk.readTo = Math.max(walk.readTo, ...plausible);
      if (walk.link === null || kept.missing(refs).length < WORTH_A_PAGE) return;
    }
  };

  /** Where pages go on for messages received from `from` on: where they ended, unless that is long before. */
  const walkOf = (mailboxId: string, from: number): Walk => {
    const known = walks.get(mailboxId);
    if (known && known.readTo >= from) return known;
    const walk: Walk = { link: null, readTo: from, endedAt: 0 };
    walks.set(mailboxId, walk);
    return walk;
  };

  const readBurst = async (refs: readonly MessageRef[], signal: AbortSignal): Promise<void> => {
    const mailboxId = refs[0]?.mailboxId ?? '';
    // Another batch may be at the very pages that hold these.
    while (reading.has(mailboxId)) await reading.get(mailboxId);
    const missing = kept.missing(refs);
    if (missing.length < WORTH_A_PAGE) return;
    const run = readPages(missing, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      // What pages do not tell is asked for singly, and ends by its own outcome.
      if (!(error instanceof GraphError)) throw error;
    });
    const settled = run.then(
      () => undefined,
      () => undefined,
    );
    reading.set(mailboxId, settled);
    try {
      await run;
    } finally {
      reading.delete(mailboxId);
    }
  };

  return async (
    refs: readonly MessageRef[],
    signal: AbortSignal,
  ): Promise<ReadOutcome<MessageMetadata>[]> => {
    const byMailbox = Map.groupBy(refs, ({ mailboxId }) => mailboxId);
    await Promise.all(
      [...byMailbox].map(async ([mailboxId, some]) => {
        if (counts.add(mailboxId, some.length) > FEW) await readBurst(some, signal);
      }),
    );
    const found = new Map(refs.map((ref) => [ref, kept.take(ref.messageId)]));
    const rest = refs.filter((ref) => found.get(ref) === undefined);
    const outcomes = rest.length === 0 ? [] : await options.readEach(rest, signal);
    const fetched = new Map(rest.map((ref, index) => [ref, outcomes[index]]));
    return refs.map((ref) => {
      const value = found.get(ref);
      const outcome = value ? ({ ok: true, value } as const) : fetched.get(ref);
      if (!outcome) throw new Error('the mail reader left a message unanswered');
      return outcome;
    });
  };
}
