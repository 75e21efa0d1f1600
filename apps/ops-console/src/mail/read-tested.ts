import type { AnswerOf } from '@ms1/console-api';
import { messageKey, type TestedMessage } from '@ms1/contracts';
import { toMetadata } from '@ms1/graph-client';
import type { RulesTest } from '@ms1/mailboxes';

import type { MailGraph } from './fetch-mail.ts';
import { DEADLINE_MS, inWords, type MailReaderOptions, statusOf } from './mail-reader.ts';

type TestedMail = AnswerOf<'POST /rules-tests/:id/mail'>;
type Titled = TestedMail['mail'][number];

/** Messages of a page, which is a unit of Graph's whatever is on it. */
const PAGE = 50;
/** Of a folder: 200 messages, and what came since they were tested. */
const PAGES_MAX = 5;

/** Subject and sender of the messages that rules were tried on, live: nothing of it is kept. */
export async function readTested(
  { graph, mailboxes, onError }: Pick<MailReaderOptions, 'graph' | 'mailboxes' | 'onError'>,
  { mailboxId, result }: Pick<RulesTest, 'mailboxId' | 'result'>,
): Promise<TestedMail> {
  const none = (status: TestedMail['status']): TestedMail => ({ ...inWords(status), mail: [] });
  if (!graph) return none('off');
  const tenantId = mailboxes.current.tenantOf(mailboxId);
  if (tenantId === undefined) return none('removed');
  const folders = Map.groupBy(result?.messages ?? [], ({ folderId }) => folderId);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  try {
    const mail = await Promise.all(
      [...folders].map(([folderId, tested]) =>
        readFolder(graph, { tenantId, mailboxId, folderId, tested, signal }),
      ),
    );
    return { ...inWords('shown'), mail: mail.flat() };
  } catch (error) {
    const status = statusOf(error);
    if (status !== 'throttled') onError(error);
    return none(status);
  }
}

interface TestedFolder {
  tenantId: string;
  mailboxId: string;
  folderId: string;
  tested: readonly TestedMessage[];
  signal: AbortSignal;
}

/** Lists the folder from the oldest of them on. */
async function readFolder(
  { folders }: Pick<MailGraph, 'folders'>,
  { tenantId, mailboxId, folderId, tested, signal }: TestedFolder,
): Promise<Titled[]> {
  const wanted = new Set(tested.map(({ key }) => key));
  const from = tested
    .flatMap(({ receivedAt }) => receivedAt ?? [])
    .reduce((oldest, at) => (at < oldest ? at : oldest), new Date().toISOString());
  const found: Titled[] = [];
  let link: string | null = null;
  for (let page = 0; page < PAGES_MAX && found.length < wanted.size; page += 1) {
    const { messages, nextLink } = await folders.listPage({
      mailboxId,
      folderId,
      from,
      to: null,
      link,
      pageSize: PAGE,
      priority: 'live',
      signal,
    });
    for (const { id, message } of messages) {
      const key = messageKey({ tenantId, mailboxId, messageId: id });
      if (!wanted.has(key) || !message) continue;
      const { subject, from: by, sender } = toMetadata(message);
      const { name = null, address = null } = by ?? sender ?? {};
      found.push({ key, subject, from: { name, address } });
    }
    if (nextLink === null) break;
    link = nextLink;
  }
  return found;
}
