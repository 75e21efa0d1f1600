import { type Attachment, messageKey } from '@ms1/contracts';
import {
  type GraphClients,
  GraphItemNotFoundError,
  type GraphMessage,
  GraphProtocolError,
  GraphRequestError,
} from '@ms1/graph-client';

import type { PlaceOfMail } from './place-of-mail.ts';

export interface FetchedMail {
  message: GraphMessage;
  attachments: readonly Attachment[];
}

export type MailGraph = Pick<GraphClients, 'expanded' | 'messages' | 'folders'>;

/** Messages of one second on a page, and pages of it: a thousand in a second is an import, and twenty units. */
export const PAGE = 50;
export const PAGES_MAX = 20;
const SECOND_MS = 1_000;

/** A mailbox received so many messages in one second that it was not seen among the first of them. */
export class CrowdedSecondError extends Error {
  readonly code = 'crowded_second';

  constructor() {
    super(`not among the first ${PAGE * PAGES_MAX} messages of its second`);
    this.name = 'CrowdedSecondError';
  }
}

export interface FetchRequest extends PlaceOfMail {
  key: string;
  tenantId: string;
  signal: AbortSignal;
}

/**
 * Reads a message from its mailbox, before any backfill. By its id where that is known, else by the second in which it
 * was received, whatever folder it is in now: one request, with its files.
 *
 * @returns null where the mailbox has it no more
 * @throws {GraphError}
 * @throws {CrowdedSecondError}
 */
export async function fetchMail(
  graph: MailGraph,
  request: FetchRequest,
): Promise<FetchedMail | null> {
  const { mailboxId, messageId, signal } = request;
  if (messageId === null) return fetchBySecond(graph, request);
  const ref = { mailboxId, messageId, isKnown: false, priority: 'live' as const };
  const [result] = await graph.expanded.messages.read([ref], signal);
  if (result?.ok) {
    const { message, attachments } = result.value;
    return message && { message, attachments };
  }
  if (!result || result.error instanceof GraphItemNotFoundError) return null;
  throw result.error;
}

async function fetchBySecond(graph: MailGraph, request: FetchRequest): Promise<FetchedMail | null> {
  const { mailboxId, receivedAt, tenantId, key, signal } = request;
  if (receivedAt === null) return null;
  let link: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { messages, nextLink } = await readPage(graph, { mailboxId, receivedAt, link, signal });
    const found = messages.find(
      ({ id }) => messageKey({ tenantId, mailboxId, messageId: id }) === key,
    );
    if (found?.message) {
      const { id, message, attachments } = found;
      return {
        message,
        attachments: attachments ?? (await readFiles(graph, mailboxId, id, message, signal)),
      };
    }
    if (nextLink === null) return null;
    link = nextLink;
  }
  throw new CrowdedSecondError();
}

interface PageRequest {
  mailboxId: string;
  receivedAt: number;
  link: string | null;
  signal: AbortSignal;
}

interface Page {
  messages: { id: string; message: GraphMessage | null; attachments: Attachment[] | null }[];
  nextLink: string | null;
}

/** With files, but for a mailbox that does not list them: its messages by themselves. */
async function readPage(
  { expanded, folders }: MailGraph,
  { receivedAt, ...request }: PageRequest,
): Promise<Page> {
  const priority = 'live' as const;
  // Graph tells whole seconds, and compares with what it does not tell.
  const [from, last, next] = [0, SECOND_MS - 1, SECOND_MS].map((ms) =>
    new Date(receivedAt + ms).toISOString(),
  ) as [string, string, string];
  if (expanded.pages.sizeOf(request.mailboxId) > 1) {
    try {
      const how = { size: PAGE, idsOnly: false, headers: false, priority };
      return await expanded.pages.read({ ...request, from, to: last, ...how });
    } catch (error) {
      const isRefused = error instanceof GraphRequestError || error instanceof GraphProtocolError;
      if (!isRefused || request.link !== null) throw error;
    }
  }
  const page = await folders.recentPage({ ...request, from, to: next, pageSize: PAGE, priority });
  return {
    messages: page.messages.map((one) => ({ ...one, attachments: null })),
    nextLink: page.nextLink,
  };
}

async function readFiles(
  { messages }: MailGraph,
  mailboxId: string,
  messageId: string,
  { hasAttachments }: GraphMessage,
  signal: AbortSignal,
): Promise<Attachment[]> {
  if (hasAttachments === false) return [];
  const [files] = await messages.attachments([{ mailboxId, messageId, priority: 'live' }], signal);
  if (files?.ok) return files.value;
  throw files?.error ?? new GraphProtocolError('listed no files', { status: null });
}
