import type { Attachment } from '@ms1/contracts';

import type { Connect, Connection } from '../connection.ts';
import {
  GraphExpandError,
  GraphForeignLinkError,
  GraphProtocolError,
  GraphRequestError,
  GraphTimeoutError,
  GraphTransientError,
  GraphUnavailableError,
} from '../errors/graph-error.ts';
import type { Priority } from '../governor/governor.ts';
import { headerBytes } from '../headers/internet-headers.ts';
import type { ExpandRefusals } from './expand-refusals.ts';
import { EXPAND, readExpanded } from './expanded.ts';
import { type PageMessage, readFolderPage } from './folder-page.ts';
import { mailboxMessagesPath, messagesPath } from './folder-paths.ts';
import { idsSelect, messageSelect } from './graph-message.ts';
import { isTooLarge } from './is-too-large.ts';
import type { LearnedSizes } from './learned-sizes.ts';
import { faultOfPage } from './page-fault.ts';

/**
 * A page of 200 messages with 4 files each is 200 x (3 KB + 4 x 0.6 KB) = 1.1 MB. One of 4 MB has mail of another kind,
 * and 64 of them at once, as many as there are connections, would be 256 MB.
 */
const PAGE_BYTES_MAX = 4 * 1024 * 1024;

export interface ExpandedPageRequest {
  mailboxId: string;
  /** undefined: the mailbox, whatever folder a message is in */
  folderId?: string | undefined;
  /** RFC 3339, bounds included; null is no bound */
  from: string;
  to: string | null;
  /** nextLink as it was handed out; null begins at `from` */
  link: string | null;
  /** messages of the page at most; fewer where as many have not done well */
  size: number;
  /** leaves the metadata out */
  idsOnly: boolean;
  /** with their headers */
  headers: boolean;
  priority: Priority;
  signal: AbortSignal;
}

/** A message on an expanded page. */
interface ExpandedPageMessage extends PageMessage {
  /** null: the page does not tell, or not all of them; the message itself may */
  attachments: Attachment[] | null;
}

export interface ExpandedPage {
  messages: ExpandedPageMessage[];
  nextLink: string | null;
  /** of the answer, but for headers, which are read and not kept */
  bytes: number;
}

/** Pages of messages with their files, oldest first: one request for all of them. */
export class ExpandedPages {
  readonly #connect: Connect;
  readonly #refusals: ExpandRefusals;
  readonly #sizes: LearnedSizes;

  constructor(connect: Connect, refusals: ExpandRefusals, sizes: LearnedSizes) {
    this.#connect = connect;
    this.#refusals = refusals;
    this.#sizes = sizes;
  }

  /** Messages that a page of this mailbox may have; 1: its messages are to be read by themselves. */
  sizeOf(mailboxId: string): number {
    return this.#refusals.has(mailboxId) ? 1 : this.#sizes.of(mailboxId);
  }

  /** @throws {GraphError} */
  async read(request: ExpandedPageRequest): Promise<ExpandedPage> {
    const { mailboxId, folderId = '', priority, signal } = request;
    const connection = this.#connect(mailboxId);
    const size = Math.min(this.#sizes.of(mailboxId), request.size);
    const plan = { mailboxId, priority, name: `expanded ${mailboxId} ${folderId}` };
    try {
      const { received, page } = await connection.governor.run(
        plan,
        () => this.#ask(connection, request, size),
        signal,
      );
      if (received > PAGE_BYTES_MAX) this.#sizes.didBadly(mailboxId, size);
      else this.#sizes.didWell(mailboxId, size);
      return page;
    } catch (error) {
      if (error instanceof GraphExpandError) {
        this.#refusals.add({ mailboxId, reason: 'refused' });
      } else if (mayBeItsSize(error)) {
        this.#sizes.didBadly(mailboxId, size);
      }
      throw error;
    }
  }

  async #ask(
    { api }: Connection,
    request: ExpandedPageRequest,
    size: number,
  ): Promise<{ received: number; page: ExpandedPage }> {
    const { mailboxId, folderId = '', link, signal } = request;
    const path =
      folderId === '' ? mailboxMessagesPath(mailboxId) : messagesPath({ mailboxId, folderId });
    let received = 0;
    const onReceived = (bytes: number): void => {
      received = bytes;
    };
    const options = { kind: 'page' as const, signal, onReceived };
    const asked =
      link === null
        ? api.call(path, options, (asking) => asking.query(queryOf(request, size)).get())
        : api.follow(link, options, mailboxId);
    const body = await asked.catch(async (error: unknown) => {
      throw await faultOfPage(error, api, { mailboxId, folderId }, signal);
    });
    const { messages, nextLink } = readFolderPage(body, mailboxId, api.links);
    const files = this.#readFiles(mailboxId, (body as { value: { id: string }[] }).value);
    const notKept = messages.reduce(
      (sum, { message }) => sum + headerBytes(message?.internetMessageHeaders),
      0,
    );
    const page = {
      messages: messages.map((one) => ({ ...one, attachments: files.get(one.id) ?? null })),
      nextLink,
      bytes: received - notKept,
    };
    return { received, page };
  }

  /** All files of each message of which the page tells them. */
  #readFiles(mailboxId: string, items: readonly { id: string }[]): Map<string, Attachment[]> {
    const byId = new Map<string, Attachment[]>();
    for (const item of items) {
      const { files, hasBytes } = readExpanded(item);
      if (hasBytes) this.#refusals.add({ mailboxId, reason: 'bytes' });
      if (files.kind === 'missing') this.#refusals.add({ mailboxId, reason: 'missing' });
      if (files.kind === 'all') byId.set(item.id, files.attachments);
      else byId.delete(item.id);
    }
    return byId;
  }
}

function queryOf({ from, to, idsOnly, headers }: ExpandedPageRequest, size: number) {
  const upTo = to === null ? '' : ` and receivedDateTime le ${to}`;
  return {
    $filter: encodeURIComponent(`receivedDateTime ge ${from}${upTo}`),
    $orderby: 'receivedDateTime',
    $top: size,
    $select: idsOnly ? idsSelect(headers) : messageSelect(headers),
    $expand: EXPAND,
  };
}

/** Graph gave up on it, or sent more than we take, or one message on it cannot be put on a page. */
function mayBeItsSize(error: unknown): boolean {
  if (error instanceof GraphUnavailableError || error instanceof GraphForeignLinkError) {
    return false;
  }
  if (error instanceof GraphTransientError) {
    return error.status !== null || error instanceof GraphTimeoutError || isTooLarge(error);
  }
  return error instanceof GraphProtocolError || error instanceof GraphRequestError;
}
