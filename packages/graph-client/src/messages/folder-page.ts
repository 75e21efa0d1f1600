import { GraphProtocolError } from '../errors/graph-error.ts';
import type { PinnedLinks } from '../http/pinned-links.ts';
import { GraphMessage } from './graph-message.ts';

/** A message on a page. */
export interface PageMessage {
  id: string;
  /** null when it cannot be read as a message; its id is enough to notice it */
  message: GraphMessage | null;
}

/** One page of a delta walk or of a listing. */
export interface FolderPage {
  messages: PageMessage[];
  /** ids that left the folder: deleted, or moved, which looks the same (docs/graph-contract.md#removed-items) */
  removed: string[];
  /** whole link to the next page; null on the last */
  nextLink: string | null;
  /** whole link where the next walk begins; on the last page of a delta walk only */
  deltaLink: string | null;
  /** messages in the window of the query, where it was asked for and told */
  count?: number | undefined;
}

/**
 * Reads a page. Items that repeat an id are one, the last one winning (docs/graph-contract.md#delta: replays, any
 * order).
 *
 * @throws {GraphProtocolError} when it is no page, an item has no id, or a link leaves the mailbox: the
 *   position must not move past what could not be read
 */
export function readFolderPage(body: unknown, mailboxId: string, links: PinnedLinks): FolderPage {
  const page = body as Record<string, unknown> | null;
  const items = page?.['value'];
  if (!Array.isArray(items)) throw unreadable();
  const messages = new Map<string, PageMessage>();
  const removed = new Set<string>();
  for (const item of items as (Record<string, unknown> | null)[]) {
    const id = item?.['id'];
    if (typeof id !== 'string' || id === '' || !id.isWellFormed()) throw unreadable();
    if ((item?.['@removed'] ?? null) === null) {
      messages.set(id, { id, message: GraphMessage.safeParse(item).data ?? null });
      removed.delete(id);
    } else {
      removed.add(id);
    }
  }
  const link = (name: string): string | null => {
    const value = page?.[name];
    if (value === undefined || value === null) return null;
    if (typeof value !== 'string') throw unreadable();
    links.toPath(value, mailboxId);
    return value;
  };
  return {
    messages: [...messages.values()],
    removed: [...removed],
    nextLink: link('@odata.nextLink'),
    deltaLink: link('@odata.deltaLink'),
    count: countOf(page?.['@odata.count']),
  };
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined;
}

function unreadable(): GraphProtocolError {
  return new GraphProtocolError('sent a page that cannot be read', { status: 200 });
}
