import type { IngestMessage } from '@ms1/contracts';
import type { FolderPage, FolderReader, PageMessage } from '@ms1/graph-client';

import { toIngestMessage } from './to-ingest-message.ts';

/** The folder that is walked. */
export interface WalkedFolder {
  tenantId: string;
  mailboxId: string;
  folderId: string;
}

/** Where a walk is. */
export interface Position {
  /** link of the next page; null begins anew */
  link: string | null;
  /** RFC 3339: older mail is left alone */
  since: string;
}

export interface WalkOptions {
  folders: Pick<FolderReader, 'deltaPage'>;
  /** resolves when the messages are in Redis */
  notice: (messages: IngestMessage[]) => Promise<{ added: number; known: number }>;
  activeSessionOf: (mailboxId: string) => Promise<string | null>;
  clock: { now(): number };
  /** messages a page */
  pageSize: number;
  /** pages of one walk; beyond it something is wrong, such as links that lead nowhere */
  pagesMax: number;
}

export interface WalkReport {
  pages: number;
  /** messages by what became of them; `old` are older than `since` */
  added: number;
  known: number;
  old: number;
  /** false when the walk was stopped between two pages; it goes on from the stored position */
  complete: boolean;
}

/** More pages than a folder can have, or links that go in a circle. */
export class EndlessWalkError extends Error {
  readonly code = 'endless_walk';

  constructor(reason: string) {
    super(`walk does not end: ${reason}`);
    this.name = 'EndlessWalkError';
  }
}

/**
 * Walks a folder's changes page by page. `store` is called with the next position only after every
 * message of the page is in Redis, so the position is never ahead of what is durable; a crash in
 * between re-reads one page, and its messages are known already.
 *
 * `@removed` items are not acted on: for mail they mean deleted or moved, and neither takes back what
 * was received (Graph contract 4).
 *
 * @throws {EndlessWalkError}
 * @throws {GraphError} the position stands where it stood before the page
 */
export async function walkFolder(
  options: WalkOptions,
  folder: WalkedFolder,
  start: Position,
  store: (position: Position) => Promise<void>,
  signal: AbortSignal,
): Promise<WalkReport> {
  const { folders, pageSize, pagesMax } = options;
  const report: WalkReport = { pages: 0, added: 0, known: 0, old: 0, complete: false };
  const followed = new Set<string>();
  let link = start.link;
  while (!signal.aborted) {
    if (report.pages >= pagesMax) throw new EndlessWalkError(`more than ${pagesMax} pages`);
    const page = await folders.deltaPage({ ...folder, link, pageSize, signal });
    report.pages += 1;
    await noticePage(options, folder, page, start.since, report);
    const next = page.nextLink ?? page.deltaLink;
    if (next === null) throw new EndlessWalkError('a page led nowhere');
    await store({ link: next, since: start.since });
    if (page.nextLink === null) return { ...report, complete: true };
    if (followed.has(next)) throw new EndlessWalkError('a page led back to an earlier one');
    followed.add(next);
    link = next;
  }
  return report;
}

async function noticePage(
  { notice, activeSessionOf, clock }: WalkOptions,
  { tenantId, mailboxId }: WalkedFolder,
  page: FolderPage,
  since: string,
  report: WalkReport,
): Promise<void> {
  const recent = page.messages.filter((message) => !isOlder(message, since));
  report.old += page.messages.length - recent.length;
  if (recent.length === 0) return;
  const noticing = {
    tenantId,
    mailboxId,
    source: 'poll' as const,
    sessionId: await activeSessionOf(mailboxId),
    noticedAt: new Date(clock.now()).toISOString(),
  };
  const { added, known } = await notice(
    recent.map((message) => toIngestMessage(message, noticing)),
  );
  report.added += added;
  report.known += known;
}

/** A message whose time cannot be read is taken: to notice too much costs a look, too little loses mail. */
function isOlder({ message }: PageMessage, since: string): boolean {
  return Date.parse(message?.receivedDateTime ?? '') < Date.parse(since);
}
