import type { FolderRef } from '@ms1/contracts';

import type { Connect } from '../connection.ts';
import type { Priority } from '../governor/governor.ts';
import type { RequestKind } from '../http/request-kind.ts';
import { type FolderPage, readFolderPage } from './folder-page.ts';
import { mailboxMessagesPath, messagesPath } from './folder-paths.ts';
import { MESSAGE_SELECT } from './graph-message.ts';
import { askForFolder, faultOfPage } from './page-fault.ts';
import { PageSizes } from './page-sizes.ts';

const SELECT = { id: 'id', received: 'id,receivedDateTime' } as const;

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
  /**
   * asks for no more than ids, which is what can be told of a message that is on no page, or than those and when each was
   * received; default all of the metadata
   */
  only?: keyof typeof SELECT;
  /** asks how many there are in the window, whatever is left out of it */
  counted?: boolean;
}

interface RecentRequest extends PageRequest, Window {}

/** Pages of folders and mailboxes, and whether a folder may be read. */
export class FolderReader {
  readonly #connect: Connect;
  readonly #sizes = new PageSizes();

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /**
   * One page of a folder's delta.
   *
   * @throws {GraphResetError} when Graph forgot the link: begin again with null
   */
  deltaPage(request: DeltaRequest): Promise<FolderPage> {
    const path = `${messagesPath(request)}/delta`;
    return this.#page(request, 'delta', path, () => ({ $select: MESSAGE_SELECT }));
  }

  /** One page of a folder's messages received in a window, oldest first. */
  listPage(request: ListRequest): Promise<FolderPage> {
    return this.#page(request, 'page', messagesPath(request), (top) =>
      listQuery({ ...request, top }),
    );
  }

  /** One page of a folder's messages, newest first. */
  latestPage(request: DeltaRequest): Promise<FolderPage> {
    return this.#page(request, 'page', messagesPath(request), (top) =>
      listQuery({ from: null, to: null, order: 'desc', top }),
    );
  }

  /** One page of what a mailbox received in a window, newest first, whatever folder it is in now. */
  recentPage(request: RecentRequest): Promise<FolderPage> {
    return this.#page(request, 'page', mailboxMessagesPath(request.mailboxId), (top) =>
      listQuery({ ...request, order: 'desc', top }),
    );
  }

  /**
   * Proves that a folder exists and may be read, without reading any mail.
   *
   * @throws {GraphForbiddenError} when we may not
   * @throws {GraphMailboxError} when there is no such mailbox
   * @throws {GraphNotFoundError} when the mailbox has no such folder
   */
  async probe(folder: FolderRef, signal?: AbortSignal): Promise<void> {
    const { api, governor } = this.#connect(folder.mailboxId);
    const { mailboxId } = folder;
    await governor.run({ mailboxId }, () => askForFolder(api, folder, signal), signal);
  }

  async #page(
    request: PageRequest & { folderId?: string },
    kind: RequestKind,
    path: string,
    queryOf: (pageSize: number) => Query,
  ): Promise<FolderPage> {
    const { mailboxId, folderId = '', link, priority, signal } = request;
    const { api, governor } = this.#connect(mailboxId);
    const name = `${kind} ${mailboxId} ${folderId}`;
    const plan = { mailboxId, priority, name };
    for (;;) {
      const pageSize = this.#sizes.of(name, request.pageSize);
      const options = { kind, pageSize, signal };
      try {
        const page = await governor.run(
          plan,
          async () => {
            // Parameters are given once and travel in the links from then on (docs/graph-contract.md#delta-tokens).
            const asked =
              link === null
                ? api.call(path, options, (asking) => asking.query(queryOf(pageSize)).get())
                : api.follow(link, options, mailboxId);
            const body = await asked.catch(async (error: unknown) => {
              throw await faultOfPage(error, api, { mailboxId, folderId }, signal);
            });
            return readFolderPage(body, mailboxId, api.links);
          },
          signal,
        );
        this.#sizes.didWell(name, pageSize, request.pageSize);
        return page;
      } catch (error) {
        if (!this.#sizes.reduce(name, pageSize, error)) throw error;
        // The size of a listing's page is in its link: whoever lists begins anew.
        if (link !== null && kind === 'page') throw error;
      }
    }
  }
}

interface Listing extends Window {
  order?: 'asc' | 'desc';
  top: number;
  skip?: number;
  only?: keyof typeof SELECT | undefined;
  counted?: boolean;
}

type Query = Record<string, string | number>;

function listQuery({ from, to, order, top, skip = 0, only, counted }: Listing): Query {
  const bounds = [
    from === null ? '' : `receivedDateTime ge ${from}`,
    to === null ? '' : `receivedDateTime lt ${to}`,
  ].filter((bound) => bound !== '');
  // What is ordered by must be filtered by first, or the query is inefficient (docs/graph-contract.md#paging).
  return {
    ...(bounds.length > 0 && { $filter: encodeURIComponent(bounds.join(' and ')) }),
    $orderby: order === 'desc' ? 'receivedDateTime%20desc' : 'receivedDateTime',
    $top: top,
    ...(skip > 0 && { $skip: skip }),
    $select: only === undefined ? MESSAGE_SELECT : SELECT[only],
    ...(counted && { $count: 'true' }),
  };
}
