import type { SessionStore } from '@ms1/ledger';
import { type Clock, failpoint } from '@ms1/runtime';

import { type ListWindowOptions, listWindow } from '../listing/list-window.ts';
import type { NoticeInDoubt } from '../polling/notice-in-doubt.ts';
import { toIngestMessage } from '../polling/to-ingest-message.ts';
import type { WalkedFolder } from '../polling/walk-folder.ts';

export interface ScanOptions extends ListWindowOptions {
  sessions: Pick<
    SessionStore,
    'get' | 'scanProgress' | 'recordScanProgress' | 'recordScan' | 'finish'
  >;
  producer: Pick<NoticeInDoubt, 'notice'>;
  clock: Clock;
}

export type ScanOutcome =
  | { kind: 'scanned'; found: number; requeued: number; missing: number }
  /** the session does not wait for a scan: cancelled, finished, unknown or still open */
  | { kind: 'needless' }
  /** it goes on from where it is once the session is resumed */
  | { kind: 'paused' };

/**
 * Lists a folder in a closing session's window and puts what the ledger does not know on `inbound`:
 * the part of the audit that puts back what notifications and delta both missed. Reported only after
 * every message of the listing is in Redis; scanning again changes nothing. How far it has come is noted
 * after each page, so that a session of any size that is paused, cancelled or killed goes on from there.
 *
 * @throws {GraphError}
 * @throws {EndlessWalkError}
 * @throws the signal's reason when it aborts: the next scan goes on
 */
export async function scanSession(
  options: ScanOptions,
  { sessionId, ...folder }: WalkedFolder & { sessionId: string },
  signal: AbortSignal,
): Promise<ScanOutcome> {
  const { sessions, producer, clock } = options;
  const session = await sessions.get(sessionId);
  if (session?.status !== 'closing') return { kind: 'needless' };
  if (session.paused) return { kind: 'paused' };
  const { tenantId, mailboxId, folderId } = folder;
  const place = { mailboxId, folderId };
  const begun = await sessions.scanProgress(sessionId, place);
  const window = { ...place, from: begun?.reached ?? session.from, to: session.to };
  let found = begun?.seen ?? 0;
  let requeued = begun?.requeued ?? 0;
  let missing = 0;
  for await (const page of listWindow(options, window, signal)) {
    const noticing = {
      tenantId,
      ...place,
      source: 'backfill' as const,
      sessionId,
      noticedAt: new Date(clock.now()).toISOString(),
    };
    const { added } = await producer.notice(
      page.messages.map((one) => toIngestMessage(one, noticing)),
    );
    requeued += added;
    found += page.messages.length;
    missing += page.missing;
    if (page.reached === null) continue;
    await failpoint('poller:after-scan-page');
    const progress = { reached: page.reached, seen: found - page.atReached, requeued };
    const state = await sessions.recordScanProgress(sessionId, place, progress);
    if (state !== 'goes on') return { kind: state };
  }
  const result = { found, requeued };
  await sessions.recordScan(sessionId, place, missing > 0 ? { ...result, missing } : result);
  await failpoint('poller:after-scan');
  await sessions.finish(sessionId);
  return { kind: 'scanned', ...result, missing };
}
