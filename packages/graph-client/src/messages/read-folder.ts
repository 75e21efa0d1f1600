import type { FolderRef } from '@ms1/contracts';
import { GraphTransientError, GraphUnavailableError } from '../errors/graph-error.ts';
import type { Governor, Priority } from '../governor/governor.ts';
import type { GraphHttp } from '../http/graph-http.ts';
import type { PinnedLinks } from '../http/pinned-links.ts';
import type { RequestKind } from '../http/request-kind.ts';
import { type FolderPage, readFolderPage } from './folder-page.ts';
import { folderPath, mailboxMessagesPath, messagesPath } from './folder-paths.ts';
import { MESSAGE_SELECT } from './graph-message.ts';
import { PageSizes } from './page-sizes.ts';

interface PageRequest {
  mailboxId: string;
  /** nextLink or deltaLink as it was handed out; null begins anew */
  link: string | null;
  /** messages a page, by preference; fewer where Graph fails over as many, down to one */
  pageSize: number;
  /** default live */
  priority?: Priority | undefined;
  signal?: AbortSignal | undefined;
}

interface DeltaRequest extends PageRequest, FolderRef {}

interface Window {
  /** RFC 3339; received at or after, and before. null is no bound */
  from: string | null;
  to: string | null;
}

export interface ListRequest extends DeltaRequest, Window {
  /** messages of the listing to leave out at its beginning; default none */
  skip?: number;
  /** asks for no more than ids, which is what can be told of a message that is on no page */
  idsOnly?: boolean;
  /** asks how many there are in the window, whatever is left out of it */
  counted?: boolean;
}

interface RecentRequest extends PageRequest, Window {
  /** by when they were received; default newest first */
  order?: 'asc' | 'desc';
}

export interface FolderReader {
  /**
   * One page of a folder's delta.
   *
   * @throws {GraphResetError} when Graph forgot the link: begin again with null
   */
  deltaPage(request: DeltaRequest): Promise<FolderPage>;
  /** One page of a folder's messages received in a window, oldest first. */
  listPage(request: ListRequest): Promise<FolderPage>;
  /**
   * Proves that a folder exists and may be read, without reading any mail.
   *
   * @throws {GraphForbiddenError} when we may not
   * @throws {GraphMailboxError} when there is no such mailbox
   * @throws {GraphNotFoundError} when the mailbox has no such folder
   */
  probe(folder: FolderRef, signal?: AbortSignal): Promise<void>;
  /** One page of what a mailbox received in a window, whatever folder it is in now. */
  recentPage(request: RecentRequest): Promise<FolderPage>;
}

export interface FolderReaderOptions {
  call: GraphHttp;
  governor: Governor;
  links: PinnedLinks;
}

export function createFolderReader({ call, governor, links }: FolderReaderOptions): FolderReader {
  const sizes = new PageSizes();
  /**
   * The page may be what is unavailable, and not its mailbox, because of one message on it: then its folder answers, asked
   * for nothing but itself. Where Graph names the mailbox, or a time, that stands.
   */
  const ofPage = async (
    error: unknown,
    folder: FolderRef,
    signal?: AbortSignal,
  ): Promise<unknown> => {
    if (!(error instanceof GraphUnavailableError)) return error;
    const isMailboxes = error.retryAfterMs !== null || error.graphCode.startsWith('ErrorMailbox');
    if (isMailboxes) return error;
    const path = `${folderPath(folder)}?$select=id`;
    return call({ path, kind: 'folder', signal }).then(
      () => new GraphTransientError('is unavailable for a page, and not for its folder', error),
      () => error,
    );
  };
  const page = async (
    request: PageRequest & { folderId?: string },
    kind: RequestKind,
    firstPath: (pageSize: number) => string,
  ): Promise<FolderPage> => {
    const { mailboxId, folderId = '', link, priority, signal } = request;
    const name = `${kind} ${mailboxId} ${folderId}`;
    const plan = { mailboxId, permits: 1, requests: 1, priority, name };
    for (;;) {
      const pageSize = sizes.of(name, request.pageSize);
      // Parameters are given once and travel in the links from then on (docs/graph-contract.md#delta-tokens).
      const path = link === null ? firstPath(pageSize) : { whole: links.toPath(link, mailboxId) };
      try {
        const read = await governor.run(
          plan,
          async () => {
            const folder = { mailboxId, folderId: folderId || 'inbox' };
            const answer = await call({ path, pageSize, kind, signal }).catch(async (error) => {
              throw await ofPage(error, folder, signal);
            });
            return readFolderPage(answer, mailboxId, links);
          },
          signal,
        );
        sizes.didWell(name, pageSize, request.pageSize);
        return read;
      } catch (error) {
        if (!sizes.reduce(name, pageSize, error)) throw error;
        // The size of a listing's page is in its link: whoever lists begins anew.
        if (link !== null && kind === 'page') throw error;
      }
    }
  };

  return {
    deltaPage: (request) =>
      page(request, 'delta', () => `${messagesPath(request)}/delta?$select=${MESSAGE_SELECT}`),
    listPage: (request) =>
      page(
        request,
        'page',
        (top) => `${messagesPath(request)}?${listQuery({ ...request, order: 'asc', top })}`,
      ),
    recentPage: (request) =>
      page(
        request,
        'page',
        (top) =>
          `${mailboxMessagesPath(request.mailboxId)}?${listQuery({ ...request, order: request.order ?? 'desc', top })}`,
      ),
    async probe(folder, signal) {
      const path = `${folderPath(folder)}?$select=id`;
      const plan = { mailboxId: folder.mailboxId, permits: 1, requests: 1 };
      await governor.run(plan, () => call({ path, kind: 'folder', signal }), signal);
    },
  };
}

interface Listing extends Window {
  order: 'asc' | 'desc';
  top: number;
  skip?: number;
  idsOnly?: boolean;
  counted?: boolean;
}

function listQuery({ from, to, order, top, skip = 0, idsOnly, counted }: Listing): string {
  const bounds = [
    from === null ? '' : `receivedDateTime ge ${from}`,
    to === null ? '' : `receivedDateTime lt ${to}`,
  ].filter((bound) => bound !== '');
  // What is ordered by must be filtered by first, or the query is inefficient (docs/graph-contract.md#paging).
  const window = bounds.length === 0 ? '' : `$filter=${encodeURIComponent(bounds.join(' and '))}&`;
  const direction = order === 'desc' ? '%20desc' : '';
  const skipped = skip > 0 ? `&$skip=${skip}` : '';
  const select = idsOnly ? 'id' : MESSAGE_SELECT;
  const count = counted ? '&$count=true' : '';
  return `${window}$orderby=receivedDateTime${direction}&$top=${top}${skipped}&$select=${select}${count}`;
}
