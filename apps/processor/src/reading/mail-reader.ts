import type { MessageMetadata } from '@ms1/contracts';
import {
  type ExpandedMessages,
  type ExpandedPages,
  isPlausible,
  judgeHeaders,
  type ReadResult,
  toMetadata,
} from '@ms1/graph-client';
import type { Clock } from '@ms1/runtime';

import { AnnouncedBursts } from './announced-bursts.ts';
import { KeptMail } from './kept-mail.ts';
import { KnownWindows } from './known-windows.ts';
import { type Mail, type MailRef, placeOf, withFacts } from './mail.ts';
import { MailPages } from './mail-pages.ts';

export interface MailReaderOptions {
  graph: {
    pages: Pick<ExpandedPages, 'read' | 'sizeOf'>;
    messages: Pick<ExpandedMessages, 'read'>;
  };
  clock: Clock;
  /** servers whose word on who sent a mail counts */
  authservIds: readonly string[];
  /**
   * bytes of JSON that are kept of what nobody has asked for yet; default 48 MB. With objects for text that is 72 MB, and
   * a fifth of the 400 that the processor may take. 100 mailboxes in a burst have pages of 24 MB / 100 / 3.5 KB = 70
   */
  keptBytesMax?: number;
}

/**
 * Mail as the processor reads it, metadata and files together, many messages in few requests: by pages where they hold
 * several, and what no page holds (moved elsewhere, deleted, announced late) one by one. Each has its own outcome, in the
 * order asked. Rejects only when stopped, or on an error that is not Graph's.
 */
export class MailReader {
  readonly #messages: Pick<ExpandedMessages, 'read'>;
  readonly #kept: KeptMail;
  readonly #windows: KnownWindows;
  readonly #bursts: AnnouncedBursts;
  readonly #clock: Clock;
  readonly #authservIds: readonly string[];

  constructor({ graph, clock, authservIds, keptBytesMax = 48 * 1024 * 1024 }: MailReaderOptions) {
    this.#messages = graph.messages;
    this.#clock = clock;
    this.#kept = new KeptMail(clock, keptBytesMax);
    this.#authservIds = authservIds;
    const pages = new MailPages(graph.pages, this.#kept, clock, authservIds);
    this.#windows = new KnownWindows(pages, this.#kept, clock);
    this.#bursts = new AnnouncedBursts(pages, this.#kept, clock);
  }

  async read(refs: readonly MailRef[], signal: AbortSignal): Promise<ReadResult<Mail>[]> {
    const places = Map.groupBy(refs, placeOf);
    await Promise.all([...places.values()].map((some) => this.#readPages(some, signal)));
    const outcomes = new Map(refs.map((ref) => [ref, this.#take(ref)]));
    const rest = refs.filter((ref) => !outcomes.get(ref));
    for (const [ref, outcome] of await this.#readEach(rest, signal)) outcomes.set(ref, outcome);
    for (const ref of refs) if (outcomes.get(ref)?.ok) this.#kept.had(ref);
    return refs.map((ref) => outcomes.get(ref) ?? unanswered());
  }

  async #readPages(refs: readonly MailRef[], signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const missing = refs.filter((ref) => !this.#kept.reserve(ref));
    const known = missing.flatMap((ref) => {
      const receivedAt = Date.parse(ref.metadata?.receivedAt ?? '');
      return isPlausible(receivedAt, now) ? [{ ref, receivedAt }] : [];
    });
    const bare = missing.filter(({ metadata }) => metadata === undefined);
    // When a session found a message says nothing of when it was received: the pages of its neighbours may hold it.
    const announced = bare.filter(({ priority }) => priority === 'live');
    await Promise.all([
      this.#windows.read(known, bare.length === 0, signal),
      this.#bursts.read(announced, signal),
    ]);
  }

  #take(ref: MailRef): ReadResult<Mail> | undefined {
    const kept = this.#kept.take(ref);
    const metadata = ref.metadata ?? kept?.metadata;
    if (!kept || !metadata) return undefined;
    const { attachments, facts } = kept;
    return { ok: true, value: { metadata: withFacts(metadata, facts), attachments } };
  }

  async #readEach(
    refs: readonly MailRef[],
    signal: AbortSignal,
  ): Promise<Map<MailRef, ReadResult<Mail>>> {
    if (refs.length === 0) return new Map();
    const asked = refs.map((ref) => ({
      ...ref,
      isKnown: ref.metadata !== undefined && !ref.headers,
    }));
    const results = await this.#messages.read(asked, signal);
    return new Map(
      refs.map((ref, index): [MailRef, ReadResult<Mail>] => {
        const result = results[index] ?? unanswered();
        if (!result.ok) return [ref, result];
        const { message, attachments } = result.value;
        const metadata: MessageMetadata =
          ref.metadata ?? (message ? toMetadata(message) : unanswered());
        const facts = ref.headers && message ? judgeHeaders(message, this.#authservIds) : null;
        return [ref, { ok: true, value: { metadata: withFacts(metadata, facts), attachments } }];
      }),
    );
  }
}

/** A reader that answers less than it was asked is broken; guessing which answer is whose would mix up mail. */
function unanswered(): never {
  throw new Error('Graph left a message unanswered');
}
