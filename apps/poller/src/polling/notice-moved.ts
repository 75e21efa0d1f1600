import { messageKey } from '@ms1/contracts';
import {
  type FolderReader,
  GraphForbiddenError,
  GraphItemNotFoundError,
  GraphMailboxError,
  GraphNotFoundError,
  GraphProtocolError,
  GraphRequestError,
  type MessageReader,
  mayBeOneMessage,
  type PageMessage,
} from '@ms1/graph-client';
import type { Ledger } from '@ms1/ledger';

import { isOlder } from './is-older.ts';
import { type NoticeOptions, noticePage } from './notice-page.ts';
import { EndlessWalkError, type WalkedFolder } from './walk-folder.ts';

export interface MovedOptions extends NoticeOptions {
  ledger: Pick<Ledger, 'known'>;
  messages: Pick<MessageReader, 'messages'>;
  folders: Pick<FolderReader, 'recentPage'>;
  /** pages of one listing; beyond it something is wrong */
  pagesMax: number;
}

export interface RemovedIds {
  ids: readonly string[];
  /** RFC 3339: older mail is left alone */
  since: string;
  /** RFC 3339: mail received before was noticed by the walk before, wherever it is now */
  recentFrom: string;
}

export interface RemovedReport {
  /** they are elsewhere in the mailbox, and were noticed now */
  moved: number;
  /** Graph has them no more, or they were received long before they left */
  gone: number;
}

/** One $batch. Above it a listing costs less: 1 request per 500 instead of 1 each. */
const SINGLY_MAX = 20;
const PAGE_SIZE = 500;

/**
 * What left a folder before any walk or notification told of it, such as mail that a rule moves at
 * once. For mail `@removed` means deleted or moved out (docs/graph-contract.md#removed-items): a look by immutable id
 * decides, 404 is gone, 200 is moved and is noticed. What was noticed before stays as it is: nothing is
 * ever taken back.
 *
 * @throws {GraphError} the page's position must not be stored
 * @throws {EndlessWalkError}
 */
export async function noticeMoved(
  options: MovedOptions,
  folder: WalkedFolder,
  removed: RemovedIds,
  signal: AbortSignal,
): Promise<RemovedReport> {
  const { tenantId, mailboxId } = folder;
  const keys = removed.ids.map((messageId) => messageKey({ tenantId, mailboxId, messageId }));
  const known = keys.length === 0 ? [] : await options.ledger.known(keys);
  const unknown = removed.ids.filter((_, index) => !known[index]);
  if (unknown.length === 0) return { moved: 0, gone: 0 };
  const find = unknown.length <= SINGLY_MAX ? lookEach : listOrLook;
  const found = await find(options, mailboxId, unknown, removed.recentFrom, signal);
  const recent = found.filter((message) => !isOlder(message, removed.since));
  // In which folder they are now nobody knows.
  await noticePage(options, { tenantId, mailboxId }, recent);
  return { moved: recent.length, gone: unknown.length - found.length };
}

async function lookEach(
  { messages }: MovedOptions,
  mailboxId: string,
  ids: readonly string[],
  _: string,
  signal: AbortSignal,
): Promise<PageMessage[]> {
  const refs = ids.map((messageId) => ({ mailboxId, messageId }));
  const found: PageMessage[] = [];
  for (const [index, result] of (await messages.messages(refs, signal)).entries()) {
    const id = ids[index] ?? '';
    if (result.ok) found.push({ id, message: result.value });
    // Nothing is noted of it, so that whatever shows it later is the first to tell.
    else if (result.error instanceof GraphItemNotFoundError) continue;
    // One that cannot be read for a reason of its own must not hold the folder: the processor settles it.
    else if (isItsOwn(result.error)) found.push({ id, message: null });
    else throw result.error;
  }
  return found;
}

/** A mailbox that refuses all of its messages would have refused the page that told of this one. */
function isItsOwn(error: unknown): boolean {
  return (
    error instanceof GraphForbiddenError ||
    error instanceof GraphMailboxError ||
    error instanceof GraphRequestError ||
    error instanceof GraphProtocolError ||
    error instanceof GraphNotFoundError
  );
}

/** One message that is on no page must not hold the others: then each is looked at. */
async function listOrLook(...args: Parameters<typeof listRecent>): Promise<PageMessage[]> {
  try {
    return await listRecent(...args);
  } catch (error) {
    if (!mayBeOneMessage(error)) throw error;
    return lookEach(...args);
  }
}

/** The mailbox as a whole, newest first: whatever folder it is in now, it is in here by its immutable id. */
async function listRecent(
  { folders, pagesMax }: MovedOptions,
  mailboxId: string,
  ids: readonly string[],
  from: string,
  signal: AbortSignal,
): Promise<PageMessage[]> {
  const wanted = new Set(ids);
  const found: PageMessage[] = [];
  let link: string | null = null;
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const request = { mailboxId, from, to: null, link, pageSize: PAGE_SIZE, signal };
    const page = await folders.recentPage(request);
    // Mail that arrives meanwhile shifts the pages: a message may come twice.
    found.push(...page.messages.filter(({ id }) => wanted.delete(id)));
    link = page.nextLink;
    if (link === null || wanted.size === 0) return found;
  }
  throw new EndlessWalkError(`more than ${pagesMax} pages`);
}
