import type { Attachment } from '@ms1/contracts';

import type { Connect } from '../connection.ts';
import { GraphProtocolError } from '../errors/graph-error.ts';
import type { MessageRef } from '../messages/folder-paths.ts';
import { GraphAttachment, toAttachment } from './to-attachment.ts';

/** Pages of one message's attachments that are followed; a message has at most some hundreds. */
const PAGES_MAX = 20;

/**
 * The attachments on a page of them and on those behind it: a message has all of its files, or is not read.
 *
 * @throws {GraphError}
 */
export async function collectAttachments(
  connect: Connect,
  { mailboxId, priority }: MessageRef,
  first: unknown,
  signal?: AbortSignal,
): Promise<Attachment[]> {
  const { api, governor } = connect(mailboxId);
  const attachments: Attachment[] = [];
  let body = first;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { value, '@odata.nextLink': next } = (body ?? {}) as Record<string, unknown>;
    const items = GraphAttachment.array().safeParse(value);
    if (!items.success) throw unreadable();
    attachments.push(...items.data.map(toAttachment));
    if (typeof next !== 'string') return attachments;
    const follow = () => api.follow(next, { kind: 'attachments', signal }, mailboxId);
    body = await governor.run({ mailboxId, priority }, follow, signal);
  }
  throw unreadable();
}

function unreadable(): GraphProtocolError {
  return new GraphProtocolError('sent a message that cannot be read', { status: 200 });
}
