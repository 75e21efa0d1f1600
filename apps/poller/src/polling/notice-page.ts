import type { IngestMessage, MessageSource } from '@ms1/contracts';
import type { PageMessage } from '@ms1/graph-client';
import type { SessionStore } from '@ms1/ledger';
import type { Clock } from '@ms1/runtime';

import type { NoticeInDoubt } from './notice-in-doubt.ts';
import { toIngestMessage } from './to-ingest-message.ts';

export interface NoticeOptions {
  producer: Pick<NoticeInDoubt, 'notice'>;
  sessions: Pick<SessionStore, 'activeSessionOf'>;
  clock: Clock;
}

export interface NoticedFolder {
  tenantId: string;
  mailboxId: string;
  folderId?: string | undefined;
}

/** The jobs of a page's messages, under the session that their mailbox is in. */
export async function toJobs(
  { sessions, clock }: Omit<NoticeOptions, 'producer'>,
  { tenantId, mailboxId, folderId }: NoticedFolder,
  messages: readonly PageMessage[],
  source: MessageSource = 'poll',
): Promise<IngestMessage[]> {
  if (messages.length === 0) return [];
  const sessionId = await sessions.activeSessionOf(mailboxId);
  const noticedAt = new Date(clock.now()).toISOString();
  const noticing = { tenantId, mailboxId, folderId, source, sessionId, noticedAt };
  return messages.map((message) => toIngestMessage(message, noticing));
}

/** Puts what is new of a page on `inbound`. */
export async function noticePage(
  options: NoticeOptions,
  folder: NoticedFolder,
  messages: readonly PageMessage[],
): Promise<{ added: number; known: number }> {
  if (messages.length === 0) return { added: 0, known: 0 };
  return options.producer.notice(await toJobs(options, folder, messages));
}
