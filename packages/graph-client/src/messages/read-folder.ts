import type { Governor } from '../governor/governor.ts';
import type { GraphHttp } from '../http/graph-http.ts';
import type { PinnedLinks } from '../http/pinned-links.ts';
import { type FolderPage, readFolderPage } from './folder-page.ts';
import { type FolderRef, folderPath, messagesPath } from './folder-paths.ts';
import { MESSAGE_SELECT } from './graph-message.ts';

export interface DeltaRequest extends FolderRef {
  /** nextLink or deltaLink as it was handed out; null begins a walk of the whole folder */
  link: string | null;
  /** messages a page, by preference */
  pageSize: number;
  signal?: AbortSignal;
}

export interface ListRequest extends DeltaRequest {
  /** RFC 3339; received at or after, and before. null is no bound */
  from: string | null;
  to: string | null;
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
}

export interface FolderReaderOptions {
  call: GraphHttp;
  governor: Governor;
  links: PinnedLinks;
}

export function createFolderReader({ call, governor, links }: FolderReaderOptions): FolderReader {
  const page = async (request: DeltaRequest, firstPath: string): Promise<FolderPage> => {
    const { mailboxId, link, pageSize, signal } = request;
    // Parameters are given once and travel in the links from then on (Graph contract 4).
    const path = link === null ? firstPath : { whole: links.toPath(link, mailboxId) };
    return governor.run(
      new Map([[mailboxId, 1]]),
      async () => readFolderPage(await call({ path, pageSize, signal }), mailboxId, links),
      signal,
    );
  };

  return {
    deltaPage: (request) =>
      page(request, `${messagesPath(request)}/delta?$select=${MESSAGE_SELECT}`),
    listPage: (request) => page(request, `${messagesPath(request)}?${listQuery(request)}`),
    async probe(folder, signal) {
      const path = `${folderPath(folder)}?$select=id`;
      await governor.run(new Map([[folder.mailboxId, 1]]), () => call({ path, signal }), signal);
    },
  };
}

function listQuery({ from, to, pageSize }: ListRequest): string {
  const bounds = [
    from === null ? '' : `receivedDateTime ge ${from}`,
    to === null ? '' : `receivedDateTime lt ${to}`,
  ].filter((bound) => bound !== '');
  // What is ordered by must be filtered by first, or the query is inefficient (Graph contract 5.1).
  const window = bounds.length === 0 ? '' : `$filter=${encodeURIComponent(bounds.join(' and '))}&`;
  return `${window}$orderby=receivedDateTime&$top=${pageSize}&$select=${MESSAGE_SELECT}`;
}
