import { type FolderReader, isPlausible, type PageMessage, timeOf } from '@ms1/graph-client';

import { EndlessWalkError } from '../polling/walk-folder.ts';

export interface ListedWindow {
  mailboxId: string;
  folderId: string;
  /** RFC 3339; null: no bound */
  from: string | null;
  to: string | null;
}

export interface ListWindowOptions {
  folders: Pick<FolderReader, 'listPage'>;
  /** messages a page */
  pageSize: number;
  /** pages of the whole listing; beyond it something is wrong */
  pagesMax: number;
  clock: { now(): number };
  /** messages after which a new listing begins; default 5,000 */
  windowMax?: number;
}

/** One page: the messages that no page before had, and how far the listing has come. */
export interface ListedPage {
  messages: PageMessage[];
  /** RFC 3339: everything received before it is listed; null where Graph told no times that can be believed */
  reached: string | null;
  /** how many of all messages listed were received at `reached` or say later: a listing that begins there lists them again */
  atReached: number;
}

/**
 * Lists a folder's messages in a window, oldest first, each once. After `windowMax` messages a new
 * listing begins where the last one had come to, so that no query grows with the folder: Graph pages a
 * listing by skipping, and caps some queries at 5,000 (Graph contract 4). The moment where two listings
 * meet is read twice, because many messages may carry it.
 *
 * @throws {GraphError}
 * @throws {EndlessWalkError}
 * @throws the signal's reason when it aborts
 */
export async function* listWindow(
  { folders, pageSize, pagesMax, clock, windowMax = 5_000 }: ListWindowOptions,
  window: ListedWindow,
  signal: AbortSignal,
): AsyncGenerator<ListedPage> {
  const seen = new Set<string>();
  let { from } = window;
  let link: string | null = null;
  let inWindow = 0;
  let reached = from;
  let atReached = 0;
  let ahead = 0;
  for (let pages = 0; ; pages += 1) {
    signal.throwIfAborted();
    if (pages >= pagesMax) throw new EndlessWalkError(`more than ${pagesMax} pages`);
    // Who lists again what should be known makes way for new mail.
    const priority = 'backfill';
    const page = await folders.listPage({ ...window, from, link, pageSize, priority, signal });
    // Mail that arrives while a folder is listed shifts its pages: a message may come twice.
    const messages = page.messages.filter(({ id }) => !seen.has(id));
    for (const { id, message } of messages) {
      seen.add(id);
      const at = message?.receivedDateTime ?? null;
      const time = timeOf(at);
      if (at === null || time === null) continue;
      // Dated ahead of now: who goes on from there would pass what is still to come.
      if (!isPlausible(time, clock.now())) ahead += 1;
      else if (at === reached) atReached += 1;
      else [reached, atReached] = [at, 1];
    }
    inWindow += page.messages.length;
    yield { messages, reached, atReached: atReached + ahead };
    link = page.nextLink;
    if (link === null) return;
    // A moment with more messages than a window: only following the link gets past it.
    if (inWindow >= windowMax && reached !== null && reached !== from) {
      from = reached;
      link = null;
      inWindow = 0;
    }
  }
}
