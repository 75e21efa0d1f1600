import type { AnswerOf } from '@ms1/console-api';
import {
  GraphAuthError,
  GraphError,
  GraphForbiddenError,
  GraphThrottledError,
  toMetadata,
} from '@ms1/graph-client';
import type { MailboxSnapshot } from '@ms1/mailboxes';
import type { Clock } from '@ms1/runtime';

import { rfc3339 } from '../api/rfc3339.ts';
import { CrowdedSecondError, type FetchedMail, fetchMail, type MailGraph } from './fetch-mail.ts';
import { outlookLink } from './outlook-link.ts';
import { type PlaceSources, placeOfMail } from './place-of-mail.ts';

export type MailAnswer = AnswerOf<'POST /messages/:key/mail'>;
type Status = MailAnswer['status'];

export interface MailReaderOptions extends PlaceSources {
  mailboxes: { readonly current: Pick<MailboxSnapshot, 'entries' | 'tenantOf'> };
  /** null: the console has no credential for Graph */
  graph: MailGraph | null;
  clock: Clock;
  onError: (error: unknown) => void;
}

/** ms that what was read is shown again without asking Graph, and then is nowhere any more */
const KEPT_MS = 60_000;
const KEPT_MAX = 500;
/** ms for all of it, its turn at the mailbox included: somebody is waiting */
export const DEADLINE_MS = 12_000;

const TEXTS: Record<Status, string> = {
  shown: 'Read from its mailbox just now. Nothing of it is kept.',
  gone: 'The mailbox does not have it any more: it was deleted for good or moved elsewhere. What follows is what the ledger knows.',
  hidden: 'Your role does not show what is in mail.',
  off: 'This console has no access to the mailboxes, so it shows what the ledger knows.',
  unknown:
    'Nothing here tells in which mailbox it is: it is not in a queue any more, and not in the index of mail (LOOKUP_KEY).',
  removed: 'Its mailbox is not watched any more, and is not read.',
  forbidden: 'Microsoft 365 refuses this console the mailbox.',
  throttled: 'Microsoft 365 has asked us to wait before we read this mailbox again.',
  crowded:
    'Its mailbox received more than a thousand messages in that second, and it is not among the first of them: look for it in Outlook.',
  unavailable: 'The mailbox did not answer. It may do so in a moment.',
};

/** Reads single messages for people, live: of their content nothing is kept but for a minute in memory. */
export class MailReader {
  readonly #options: MailReaderOptions;
  readonly #kept = new Map<string, { until: number; answer: Promise<MailAnswer> }>();

  constructor(options: MailReaderOptions) {
    this.#options = options;
  }

  get isOn(): boolean {
    return this.#options.graph !== null;
  }

  async read(key: string): Promise<MailAnswer> {
    const { graph, clock } = this.#options;
    if (!graph) return without('off');
    const now = clock.now();
    for (const [other, { until }] of this.#kept) if (until <= now) this.#kept.delete(other);
    const kept = this.#kept.get(key);
    if (kept) return kept.answer;
    const answer = this.#readNow(graph, key);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(key, { until: now + KEPT_MS, answer });
    // Only what the mailbox said is worth keeping.
    const forget = (): void => void this.#kept.delete(key);
    void answer.then(({ status }) => status === 'shown' || status === 'gone' || forget(), forget);
    return answer;
  }

  async #readNow(graph: MailGraph, key: string): Promise<MailAnswer> {
    const { mailboxes, clock, onError } = this.#options;
    const place = await placeOfMail(this.#options, key);
    if (!place) return without('unknown');
    const tenantId = mailboxes.current.tenantOf(place.mailboxId);
    if (tenantId === undefined) return without('removed');
    if (place.messageId === null && place.receivedAt === null) return without('unknown');
    try {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      const mail = await fetchMail(graph, { ...place, key, tenantId, signal });
      if (!mail) return without('gone');
      const { status, text } = without('shown');
      return { status, text, readAt: rfc3339(clock.now()), mail: viewOf(mail) };
    } catch (error) {
      const status = statusOf(error);
      if (status !== 'throttled') onError(error);
      return without(status);
    }
  }
}

export function without(status: Status): MailAnswer {
  return { ...inWords(status), readAt: null, mail: null };
}

export function inWords(status: Status): Pick<MailAnswer, 'status' | 'text'> {
  return { status, text: TEXTS[status] };
}

/** @throws what is not of Graph */
export function statusOf(error: unknown): Status {
  if (error instanceof GraphForbiddenError || error instanceof GraphAuthError) return 'forbidden';
  if (error instanceof CrowdedSecondError) return 'crowded';
  if (error instanceof GraphThrottledError) return 'throttled';
  const isAborted = error instanceof Error && /^(?:Abort|Timeout)Error$/.test(error.name);
  if (error instanceof GraphError || isAborted) return 'unavailable';
  throw error;
}

function viewOf({ message, attachments }: FetchedMail): NonNullable<MailAnswer['mail']> {
  const { subject, from, sender, receivedAt, webLink } = toMetadata(message);
  const { name = null, address = null } = from ?? sender ?? {};
  return {
    subject,
    from: { name: name ?? null, address: address ?? null },
    receivedAt,
    // A picture in its text is a file that nobody knows of.
    files: attachments.flatMap(({ name: file, kind, size, contentType, isInline }) =>
      isInline ? [] : [{ name: file, kind, bytes: size ?? null, contentType: contentType ?? null }],
    ),
    webLink: outlookLink(webLink),
  };
}
