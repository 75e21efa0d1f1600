import type { IngestMessage, MessageSource } from '@ms1/contracts';
import type { PageMessage } from '@ms1/graph-client';
import type { Clock } from '@ms1/runtime';

import { toIngestMessage } from './to-ingest-message.ts';

export interface NoticeOptions {
  /** resolves when the messages are in Redis */
  notice: (messages: IngestMessage[]) => Promise<{ added: number; known: number }>;
  activeSessionOf: (mailboxId: string) => Promise<string | null>;
  clock: Clock;
}

/** The jobs of a page's messages, under the session that their mailbox is in. */
export async function toJobs(
  { activeSessionOf, clock }: Omit<NoticeOptions, 'notice'>,
  { tenantId, mailboxId }: { tenantId: string; mailboxId: string },
  messages: readonly PageMessage[],
  source: MessageSource = 'poll',
): Promise<IngestMessage[]> {
  if (messages.length === 0) return [];
  const sessionId = await activeSessionOf(mailboxId);
  const noticedAt = new Date(clock.now()).toISOString();
  const noticing = { tenantId, mailboxId, source, sessionId, noticedAt };
  return messages.map((message) => toIngestMessage(message, noticing));
}

/** Puts what is new of a page on `inbound`. */
export async function noticePage(
  options: NoticeOptions,
  mailbox: { tenantId: string; mailboxId: string },
  messages: readonly PageMessage[],
): Promise<{ added: number; known: number }> {
  if (messages.length === 0) return { added: 0, known: 0 };
  return options.notice(await toJobs(options, mailbox, messages));
}
