import type { IngestMessage } from '@ms1/contracts';
import type { FolderReader } from '@ms1/graph-client';

import { toIngestMessage } from '../polling/to-ingest-message.ts';
import { EndlessWalkError, type WalkedFolder } from '../polling/walk-folder.ts';

/** What a scan reads and reports of a session. `SessionStore` is one. */
interface ScannedSessions {
  get(id: string): Promise<{ status: string; from: string | null; to: string | null } | null>;
  recordScan(
    id: string,
    folder: { mailboxId: string; folderId: string },
    result: { found: number; requeued: number },
  ): Promise<boolean>;
  finish(id: string): Promise<boolean>;
}

export interface ScanOptions {
  folders: Pick<FolderReader, 'listPage'>;
  sessions: ScannedSessions;
  notice: (messages: IngestMessage[]) => Promise<{ added: number; known: number }>;
  clock: { now(): number };
  /** messages a page */
  pageSize: number;
  /** pages of one listing; beyond it something is wrong */
  pagesMax: number;
}

export type ScanOutcome =
  | { kind: 'scanned'; found: number; requeued: number }
  /** the session does not wait for a scan: cancelled, finished, unknown or still open */
  | { kind: 'needless' };

/**
 * Lists a folder in a closing session's window and puts what the ledger does not know on `inbound`:
 * the part of the audit that puts back what notifications and delta both missed. Reported only after
 * every message of the listing is in Redis; scanning again changes nothing.
 *
 * @throws {GraphError}
 * @throws {EndlessWalkError}
 * @throws the signal's reason when it aborts: the scan begins anew
 */
export async function scanSession(
  options: ScanOptions,
  { sessionId, ...folder }: WalkedFolder & { sessionId: string },
  signal: AbortSignal,
): Promise<ScanOutcome> {
  const { folders, sessions, notice, clock, pageSize, pagesMax } = options;
  const session = await sessions.get(sessionId);
  if (session?.status !== 'closing') return { kind: 'needless' };
  const { tenantId, mailboxId, folderId } = folder;
  const { from, to } = session;
  const seen = new Set<string>();
  let requeued = 0;
  let link: string | null = null;
  for (let pages = 0; ; pages += 1) {
    signal.throwIfAborted();
    if (pages >= pagesMax) throw new EndlessWalkError(`more than ${pagesMax} pages`);
    const page = await folders.listPage({ mailboxId, folderId, from, to, link, pageSize, signal });
    const noticing = {
      tenantId,
      mailboxId,
      source: 'backfill' as const,
      sessionId,
      noticedAt: new Date(clock.now()).toISOString(),
    };
    // Mail that arrives while a folder is listed shifts its pages: a message may come twice.
    const fresh = page.messages.filter(({ id }) => !seen.has(id));
    for (const { id } of fresh) seen.add(id);
    const { added } = await notice(fresh.map((message) => toIngestMessage(message, noticing)));
    requeued += added;
    link = page.nextLink;
    if (link === null) break;
  }
  const result = { found: seen.size, requeued };
  await sessions.recordScan(sessionId, { mailboxId, folderId }, result);
  await sessions.finish(sessionId);
  return { kind: 'scanned', ...result };
}
