import { type ListWindowOptions, listWindow } from '../listing/list-window.ts';
import { isOlder } from './is-older.ts';
import { type NoticeOptions, toJobs } from './notice-page.ts';
import { isSettled, type SettledMessages } from './settled-messages.ts';
import type { WalkedFolder } from './walk-folder.ts';

export type RelookOptions = Omit<ListWindowOptions, 'pageSize'> &
  NoticeOptions & { settled: Pick<SettledMessages, 'look'> };

export interface RelookReport {
  listed: number;
  /** what neither notifications nor delta had told of */
  added: number;
  /** what Graph counts there and does not list */
  missing: number;
}

/** ms between two re-looks of a folder that is walked as often or more often */
const EVERY_MS = 150_000;
/**
 * ms: delta may hold a message back (docs/graph-contract.md#delta: lag), or for ever when it moved away and back
 * (docs/graph-contract.md#removed-items). One that is held back for up to 7.5 min is in the window of a re-look that
 * comes within 2.5 min after: found within 10 min. Half as much again, for clocks that differ.
 */
const BACK_MS = 900_000;
/**
 * The most that Graph puts on a page. One is 1 unit, and each message is listed by six re-looks: 6 / 1,000 = 0.006 units a
 * message. With its metadata each would be parsed six times.
 */
const PAGE_SIZE = 1_000;

/** The first walk of each 2.5 minutes is followed by a re-look: nobody has to remember when the last one was. */
export function isRelookDue(walkedBefore: number, now: number): boolean {
  return Math.floor(walkedBefore / EVERY_MS) < Math.floor(now / EVERY_MS);
}

/**
 * Lists what a folder received shortly before the walk that came before this one, and since, and notices
 * what is not known: delta alone is not believed. Noticing twice changes nothing. Only ids and times are listed: what a
 * re-look finds, which is rare, the processor reads.
 *
 * @throws {GraphError}
 * @throws {EndlessWalkError}
 */
export async function relookFolder(
  options: RelookOptions,
  folder: WalkedFolder,
  bounds: { since: string; walkedBefore: number },
  signal: AbortSignal,
): Promise<RelookReport> {
  const report = { listed: 0, added: 0, missing: 0 };
  const from = new Date(bounds.walkedBefore - BACK_MS).toISOString();
  const { mailboxId, folderId } = folder;
  const window = { mailboxId, folderId, from, to: null };
  // Notifications and delta find it too: a look more each time is not worth its unit.
  const listing = { ...options, pageSize: PAGE_SIZE, believesCount: true, timesOnly: true };
  const before = options.settled.look(folder);
  const settled = new Set<string>();
  for await (const page of listWindow(listing, window, signal)) {
    const recent = page.messages.filter((message) => !isOlder(message, bounds.since));
    const open = recent.filter(({ id }) => !before.has(id));
    report.listed += recent.length;
    report.missing += page.missing;
    for (const { id } of recent) if (before.has(id)) settled.add(id);
    if (open.length === 0) continue;
    const noticed = await options.producer.notice(await toJobs(options, folder, open));
    report.added += noticed.added;
    for (const [index, { id }] of open.entries()) {
      if (isSettled(noticed.before[index])) settled.add(id);
    }
  }
  before.keep(settled);
  return report;
}
