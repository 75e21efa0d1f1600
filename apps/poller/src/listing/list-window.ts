import {
  type FolderPage,
  type FolderReader,
  type GraphError,
  isPlausible,
  mayBeOneMessage,
  type PageMessage,
  timeOf,
} from '@ms1/graph-client';

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
  /** told of a message that is on no page */
  onUnlisted?: ((unlisted: Unlisted) => void) | undefined;
  /** messages after which a new listing begins; default 5,000 */
  windowMax?: number;
}

/** A message that Graph cannot put on a page, alone or with others. */
export interface Unlisted {
  mailboxId: string;
  folderId: string;
  /** null: it cannot even be named */
  messageId: string | null;
  /** RFC 3339: the message before it was received then; null: there was none */
  after: string | null;
  error: GraphError;
}

/** Messages in a row that cannot even be named: so many are not each their own fault, Graph is unwell. */
const UNNAMED_MAX = 10;

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
 * One message that Graph cannot put on a page does not end the listing: it is named by its id alone where
 * that can be listed, and the listing goes on behind it.
 *
 * @throws {GraphError}
 * @throws {EndlessWalkError}
 * @throws the signal's reason when it aborts
 */
export async function* listWindow(
  options: ListWindowOptions,
  window: ListedWindow,
  signal: AbortSignal,
): AsyncGenerator<ListedPage> {
  const { pagesMax, clock, windowMax = 5_000 } = options;
  const seen = new Set<string>();
  let { from } = window;
  let link: string | null = null;
  /** messages of this listing so far */
  let skip = 0;
  /** links are followed until one fails; then each page is asked for by how many come before it */
  let isRound = false;
  let unnamedInARow = 0;
  let reached = from;
  let atReached = 0;
  let ahead = 0;
  for (let pages = 0; ; pages += 1) {
    signal.throwIfAborted();
    if (pages >= pagesMax) throw new EndlessWalkError(`more than ${pagesMax} pages`);
    let page: FolderPage;
    let skipped: number | undefined;
    try {
      page = await listPage(options, { ...window, from }, link, isRound ? skip : 0, signal);
      unnamedInARow = 0;
    } catch (error) {
      if (!mayBeOneMessage(error)) throw error;
      const behindLink = link !== null;
      [isRound, link] = [true, null];
      if (behindLink) continue;
      page = await listId(options, { ...window, from }, skip, reached, error as GraphError, signal);
      skipped = 1;
      unnamedInARow = page.messages.length > 0 ? 0 : unnamedInARow + 1;
      if (unnamedInARow > UNNAMED_MAX) throw error;
    }
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
    skip += skipped ?? page.messages.length;
    yield { messages, reached, atReached: atReached + ahead };
    if (skipped === undefined && page.nextLink === null) return;
    link = isRound ? null : page.nextLink;
    // A moment with more messages than a window: only following the link gets past it.
    if (skip >= windowMax && reached !== null && reached !== from) {
      from = reached;
      link = null;
      skip = 0;
      isRound = false;
    }
  }
}

function listPage(
  { folders, pageSize }: ListWindowOptions,
  window: ListedWindow,
  link: string | null,
  skip: number,
  signal: AbortSignal,
): Promise<FolderPage> {
  // Who lists again what should be known makes way for new mail.
  const priority = 'backfill';
  return folders.listPage({
    ...window,
    link,
    pageSize,
    priority,
    signal,
    ...(skip > 0 && { skip }),
  });
}

/** The message that is on no page: its id where that much can be listed, to be read singly; otherwise nothing. */
async function listId(
  { folders, onUnlisted }: ListWindowOptions,
  window: ListedWindow,
  skip: number,
  after: string | null,
  error: GraphError,
  signal: AbortSignal,
): Promise<FolderPage> {
  let page: FolderPage = { messages: [], removed: [], nextLink: null, deltaLink: null };
  try {
    const priority = 'backfill';
    const request = {
      ...window,
      link: null,
      pageSize: 1,
      priority,
      signal,
      skip,
      idsOnly: true,
    } as const;
    page = await folders.listPage(request);
  } catch (failure) {
    if (!mayBeOneMessage(failure)) throw failure;
  }
  const { mailboxId, folderId } = window;
  const messageId = page.messages[0]?.id ?? null;
  onUnlisted?.({ mailboxId, folderId, messageId, after, error });
  // What an id alone tells is not the message.
  return { ...page, messages: page.messages.map(({ id }) => ({ id, message: null })) };
}
