import type { MessageMetadata } from '@ms1/contracts';
import { GraphError } from '@ms1/graph-client';

import type { MessageRef, ReadOutcome } from './hydrate.ts';

/** A page of what a mailbox received, newest first. */
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
      /** RFC 3339; null: no bound */
      from: string | null;
      to: string | null;
      link: string | null;
      priority: MessageRef['priority'];
    },
    signal: AbortSignal,
  ): Promise<RecentPage>;
  clock: { now(): number };
  /** messages whose metadata is kept at most; default 20,000 */
  keptMax?: number;
}

/** Announced messages of one mailbox above which its pages are read (design: more than 20 waiting). */
const FEW = 20;
/** ms in which they are counted together: batches are small where many mailboxes are busy at once. */
const TOGETHER_MS = 5_000;
/** Messages not on pages seen so far for which another page is worth its unit. */
const WORTH_A_PAGE = 3;
/** A page for at most every 25 messages wanted: 0.04 units a message, of the 0.1 that a burst may cost. */
const MESSAGES_PER_PAGE_MIN = 25;
/** Notifications take 3 minutes at most (Graph contract 1.5); those of an outage are fetched one by one. */
const BEFORE_NOTICE_MS = 30 * 60_000;
/** Our clock and Graph's may differ by so much. */
const AFTER_NOTICE_MS = 120_000;
/**
 * Whose turn comes later finds its metadata here: a page of each of 40 mailboxes, 20,000 x 3 KB are 60 MB. Fewer than the
 * pages of all mailboxes that are busy at once hold, and each page drives out another before its turn: with 5,000, the pages
 * of 20 mailboxes with 500 messages each were read ten times over.
 */
const KEPT_MAX = 20_000;
const KEPT_MS = 60_000;

/**
 * Metadata of messages that were only announced. Few at a time they are fetched one by one; in a burst
 * the pages of the mailbox are read instead, hundreds for a unit, and what no page holds (moved in from
 * elsewhere, deleted, announced late) is fetched singly. Outcomes are in the order asked.
 */
export function createReadBursts(options: ReadBurstsOptions) {
  const { clock } = options;
  const kept = new KeptMetadata(clock, options.keptMax ?? KEPT_MAX);
  const counts = new RecentCounts(clock);
  const reading = new Map<string, Promise<void>>();

  /** Reads pages until they hold all of `refs`, within what they may cost. One reader a mailbox. */
  const readPages = async (refs: readonly MessageRef[], signal: AbortSignal): Promise<void> => {
    const [first] = refs;
    if (!first) return;
    const times = refs.map(({ noticedAt }) => Date.parse(noticedAt));
    const latest = Math.max(...times) + AFTER_NOTICE_MS;
    const window = {
      mailboxId: first.mailboxId,
      from: new Date(Math.min(...times) - BEFORE_NOTICE_MS).toISOString(),
      to: latest >= clock.now() ? null : new Date(latest).toISOString(),
      priority: first.priority,
    };
    let link: string | null = null;
    for (let left = Math.ceil(refs.length / MESSAGES_PER_PAGE_MIN); left > 0; left -= 1) {
      const page: RecentPage = await options.readPage({ ...window, link }, signal);
      kept.keep(page.messages);
      link = page.nextLink;
      if (link === null || kept.missing(refs).length < WORTH_A_PAGE) return;
    }
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

/** Metadata that pages told of, for a minute: a message's never changes but for drafts. */
class KeptMetadata {
  readonly #clock: { now(): number };
  readonly #max: number;
  readonly #byId = new Map<string, { metadata: MessageMetadata; until: number }>();

  constructor(clock: { now(): number }, max: number) {
    this.#clock = clock;
    this.#max = max;
  }

  keep(messages: RecentPage['messages']): void {
    const now = this.#clock.now();
    for (const { id, metadata } of messages) {
      this.#byId.delete(id);
      this.#byId.set(id, { metadata, until: now + KEPT_MS });
    }
    // A map keeps the order of insertion: the first is the oldest.
    for (const [oldest, { until }] of this.#byId) {
      if (this.#byId.size <= this.#max && until > now) break;
      this.#byId.delete(oldest);
    }
  }

  missing(refs: readonly MessageRef[]): MessageRef[] {
    return refs.filter(({ messageId }) => this.#fresh(messageId) === undefined);
  }

  take(id: string): MessageMetadata | undefined {
    return this.#fresh(id)?.metadata;
  }

  #fresh(id: string): { metadata: MessageMetadata } | undefined {
    const known = this.#byId.get(id);
    if (!known || known.until > this.#clock.now()) return known;
    this.#byId.delete(id);
    return undefined;
  }
}

/** How many were announced lately, by mailbox. */
class RecentCounts {
  readonly #clock: { now(): number };
  readonly #byMailbox = new Map<string, { at: number; count: number }[]>();

  constructor(clock: { now(): number }) {
    this.#clock = clock;
  }

  /** Counts `count` more and answers with those of the last seconds. */
  add(mailboxId: string, count: number): number {
    const now = this.#clock.now();
    const fresh = (this.#byMailbox.get(mailboxId) ?? []).filter(({ at }) => at > now - TOGETHER_MS);
    fresh.push({ at: now, count });
    this.#byMailbox.set(mailboxId, fresh);
    return fresh.reduce((sum, one) => sum + one.count, 0);
  }
}
