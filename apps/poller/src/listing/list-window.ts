import {
  type FolderPage,
  type FolderReader,
  type GraphError,
  GraphRequestError,
  mayBeOneMessage,
  type PageMessage,
} from '@ms1/graph-client';
import type { Clock } from '@ms1/runtime';

import { EndlessWalkError } from '../polling/walk-folder.ts';
import { listUnlisted, type Unlisted } from './list-unlisted.ts';
import { WindowQuery } from './window-query.ts';

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
  /** default `Date` */
  clock?: Clock;
  /** told once of each message that is on no page */
  onUnlisted?: ((unlisted: Unlisted) => void) | undefined;
  /** a listing that Graph counts no more messages for is at its end, without another look; default false */
  believesCount?: boolean;
  /** lists no more of a message than its id and when it was received; default false */
  timesOnly?: boolean;
  /** messages after which a new query begins; default 5,000 */
  windowMax?: number;
}

/** One page: the messages that no page before had, and how far the listing has come. */
export interface ListedPage {
  messages: PageMessage[];
  /** RFC 3339: everything received before it is listed; null where Graph told no times that can be believed */
  reached: string | null;
  /** how many of all messages listed were received at `reached` or say later: a listing that begins there lists them again */
  atReached: number;
  /**
   * messages that cannot even be named, and those that Graph counts and, asked again, still does not list; told with the
   * last page, 0 before
   */
  missing: number;
}

/** Messages in a row that cannot even be named: so many are not each their own fault, Graph is unwell. */
const UNNAMED_MAX = 10;
/** Ends that are looked at anew although Graph counts more and a look brought nothing: it may be behind for a moment. */
const LOOKS_IN_VAIN = 3;
/** Ends in a row that were none: with pages of 200 a folder of 200,000, of which no page had a link. */
const FALSE_ENDS = 1_000;

/**
 * Lists a folder's messages in a window, oldest first, each once. After `windowMax` messages a new
 * query begins where the last one had come to, so that none grows with the folder: Graph pages a
 * listing by skipping, and caps some queries at 5,000 (docs/graph-contract.md#delta). The moment where two queries
 * meet is read twice, because many messages may carry it.
 *
 * A page without a link is the end only where a new query from the last moment on brings nothing new either, and Graph,
 * where it counts, counts no more than it listed: a request more for each listing. Who lists what others find too may take
 * the count alone for it (`believesCount`), which comes with the first page.
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
  const { folders, pageSize, pagesMax, clock = Date, onUnlisted } = options;
  const { believesCount = false, timesOnly = false, windowMax = 5_000 } = options;
  const { mailboxId, folderId } = window;
  let query = new WindowQuery(window.from, clock);
  let counts = true;
  let inVain = 0;
  let falseEnds = 0;
  let unnamed = 0;
  let unnamedInARow = 0;

  const nextPage = async (): Promise<FolderPage> => {
    const { from, link, skip } = query;
    // Who lists again what should be known makes way for new mail.
    const request = {
      ...window,
      from,
      link,
      skip,
      pageSize,
      priority: 'backfill' as const,
      ...(timesOnly && { only: 'received' as const }),
      signal,
    };
    if (link !== null || !counts || query.isCounted) return folders.listPage(request);
    try {
      return await folders.listPage({ ...request, counted: true });
    } catch (error) {
      if (!(error instanceof GraphRequestError || mayBeOneMessage(error))) throw error;
      const page = await folders.listPage(request);
      // Without its count the listing is as good as the look after its end.
      counts = false;
      return page;
    }
  };

  const takeUnlisted = async (error: GraphError): Promise<PageMessage[]> => {
    const { from, skip, reached: after } = query;
    const page = await listUnlisted(folders, { ...window, from, skip, signal });
    const named = page.messages[0];
    unnamedInARow = named ? 0 : unnamedInARow + 1;
    if (unnamedInARow > UNNAMED_MAX) throw error;
    const { fresh, isNew } = query.takeUnlisted(named);
    if (!named && isNew) unnamed += 1;
    if (isNew) onUnlisted?.({ mailboxId, folderId, messageId: named?.id ?? null, after, error });
    return fresh;
  };

  for (let pages = 0; ; pages += 1) {
    signal.throwIfAborted();
    if (pages >= pagesMax) throw new EndlessWalkError(`more than ${pagesMax} pages`);
    let messages: PageMessage[];
    let isLast = false;
    try {
      const page = await nextPage();
      messages = query.take(page);
      isLast = page.nextLink === null;
      unnamedInARow = 0;
    } catch (error) {
      if (!mayBeOneMessage(error)) throw error;
      const behindLink = query.link !== null;
      query.skipOn();
      if (behindLink) continue;
      messages = await takeUnlisted(error as GraphError);
    }
    const { reached, atReached } = query;
    if (!isLast) {
      yield { messages, reached, atReached, missing: 0 };
      falseEnds = 0;
      // A moment with more messages than a window: only following the link gets past it.
      if (query.listed >= windowMax && query.hasMoved) query = query.after();
      continue;
    }
    const { lacking } = query;
    const isEnd = query.isEnd || (believesCount && query.isCountedOut);
    inVain = query.added > 0 ? 0 : inVain + 1;
    const givenUp = lacking > 0 && inVain >= LOOKS_IN_VAIN;
    const isOver = isEnd || givenUp;
    yield { messages, reached, atReached, missing: isOver ? unnamed + lacking : 0 };
    if (isOver) return;
    falseEnds += 1;
    if (falseEnds > FALSE_ENDS) throw new EndlessWalkError('no page has a link');
    query = query.after();
  }
}
