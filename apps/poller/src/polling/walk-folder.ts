import type { FolderReader, PageMessage } from '@ms1/graph-client';
import type { Arrivals } from '@ms1/mailboxes';
import { failpoint } from '@ms1/runtime';

import type { measureArrivals } from '../push/measure-arrivals.ts';
import { isOlder } from './is-older.ts';
import { type NoticeOptions, toJobs } from './notice-page.ts';

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

/** Where a walk begins. */
export interface WalkStart extends Position {
  /** ms since the epoch; null on the first walk: the one before noticed what was received until then */
  walkedBefore: number | null;
}

export interface WalkOptions extends NoticeOptions {
  folders: Pick<FolderReader, 'deltaPage'>;
  /** notices what left the folder before anybody told of it; resolves when that is in Redis */
  settleRemoved: (
    folder: WalkedFolder,
    removed: { ids: readonly string[]; since: string; recentFrom: string },
    signal: AbortSignal,
  ) => Promise<{ moved: number; gone: number }>;
  /** who told first of a page's messages; default: nobody asks */
  measure?: typeof measureArrivals;
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
  /** left the folder before anybody told of them: noticed where they are now, or not to be found */
  moved: number;
  gone: number;
  arrivals: Arrivals;
  /** false when the walk was stopped between two pages; it goes on from the stored position */
  complete: boolean;
}

/**
 * ms before the walk before from which mail that left is looked for: clocks differ, and Graph lags
 * (docs/graph-contract.md#delta)
 */
const OVERLAP_MS = 600_000;

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
 * `@removed` takes nothing back: for mail it means deleted or moved (docs/graph-contract.md#removed-items), and either
 * way the message was received. What nobody had told of by then is looked for.
 *
 * @throws {EndlessWalkError}
 * @throws {GraphError} the position stands where it stood before the page
 */
export async function walkFolder(
  options: WalkOptions,
  folder: WalkedFolder,
  start: WalkStart,
  store: (position: Position, more: boolean) => Promise<void>,
  signal: AbortSignal,
): Promise<WalkReport> {
  const { folders, pageSize, pagesMax } = options;
  const report: WalkReport = {
    pages: 0,
    added: 0,
    known: 0,
    old: 0,
    moved: 0,
    gone: 0,
    arrivals: { announced: 0, unannounced: 0, lateMs: 0 },
    complete: false,
  };
  const followed = new Set<string>();
  let link = start.link;
  while (!signal.aborted) {
    if (report.pages >= pagesMax) throw new EndlessWalkError(`more than ${pagesMax} pages`);
    const page = await folders.deltaPage({ ...folder, link, pageSize, signal });
    report.pages += 1;
    await failpoint('poller:after-page');
    await takeMessages(options, folder, page.messages, start, report);
    await takeRemoved(options, folder, page.removed, start, report, signal);
    const next = page.nextLink ?? page.deltaLink;
    if (next === null) throw new EndlessWalkError('a page led nowhere');
    await failpoint('poller:after-notice');
    await store({ link: next, since: start.since }, page.nextLink !== null);
    await failpoint('poller:after-cursor');
    if (page.nextLink === null) return { ...report, complete: true };
    if (followed.has(next)) throw new EndlessWalkError('a page led back to an earlier one');
    followed.add(next);
    link = next;
  }
  return report;
}

async function takeMessages(
  options: WalkOptions,
  folder: WalkedFolder,
  messages: readonly PageMessage[],
  { since, walkedBefore }: WalkStart,
  report: WalkReport,
): Promise<void> {
  const recent = messages.filter((message) => !isOlder(message, since));
  report.old += messages.length - recent.length;
  if (recent.length === 0) return;
  const jobs = await toJobs(options, folder, recent);
  const { added, known, before } = await options.producer.notice(jobs);
  report.added += added;
  report.known += known;
  if (!options.measure || walkedBefore === null) return;
  const receivedAt = new Map(recent.map(({ id, message }) => [id, message?.receivedDateTime]));
  const arrivals = options.measure(jobs, before, receivedAt, walkedBefore);
  report.arrivals.announced += arrivals.announced;
  report.arrivals.unannounced += arrivals.unannounced;
  report.arrivals.lateMs += arrivals.lateMs;
}

async function takeRemoved(
  { settleRemoved }: WalkOptions,
  folder: WalkedFolder,
  ids: readonly string[],
  { since, walkedBefore }: WalkStart,
  report: WalkReport,
  signal: AbortSignal,
): Promise<void> {
  if (ids.length === 0) return;
  const from = walkedBefore === null ? null : new Date(walkedBefore - OVERLAP_MS).toISOString();
  const settled = await settleRemoved(folder, { ids, since, recentFrom: from ?? since }, signal);
  report.moved += settled.moved;
  report.gone += settled.gone;
}
