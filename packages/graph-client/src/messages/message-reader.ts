import type { Attachment } from '@ms1/contracts';

import { ATTACHMENT_SELECT, GraphAttachment, toAttachment } from '../attachments/to-attachment.ts';
import { GraphError, GraphProtocolError } from '../errors/graph-error.ts';
import type { PinnedLinks } from '../http/pinned-links.ts';
import type { Reading, ReadManyOptions } from './batch-reader.ts';
import { type MessageRef, messagePath } from './folder-paths.ts';
import { GraphMessage, MESSAGE_SELECT } from './graph-message.ts';
import { JoinedReads } from './joined-reads.ts';
import type { BatchResult } from './json-batch.ts';

/** What became of one message of a read. */
export type ReadResult<T> = { ok: true; value: T } | { ok: false; error: GraphError };

/**
 * Reads many messages at once. Both answer in the order of `refs`, each with its own outcome, and
 * reject only when the signal aborts.
 */
export interface MessageReader {
  messages(refs: readonly MessageRef[], signal?: AbortSignal): Promise<ReadResult<GraphMessage>[]>;
  /** The attachments of each message, metadata only, inline ones included. */
  attachments(
    refs: readonly MessageRef[],
    signal?: AbortSignal,
  ): Promise<ReadResult<Attachment[]>[]>;
}

/** Pages of one message's attachments that are followed; a message has at most some hundreds. */
const ATTACHMENT_PAGES_MAX = 20;

export function createMessageReader(
  options: ReadManyOptions & { links: PinnedLinks },
): MessageReader {
  const messages = new JoinedReads(options, MESSAGE);
  const attachments = new JoinedReads(options, ATTACHMENTS);
  return {
    async messages(refs, signal) {
      const results = await messages.read(refs, signal);
      return results.map((result) => {
        if (!result.ok) return result;
        const message = GraphMessage.safeParse(result.body);
        return message.success ? { ok: true, value: message.data } : unreadable();
      });
    },
    async attachments(refs, signal) {
      const results = await attachments.read(refs, signal);
      return Promise.all(
        results.map((result, index) => collect(options, result, refs[index], signal)),
      );
    },
  };
}

const MESSAGE: Reading = {
  kind: 'message',
  pathOf: (ref) => `${messagePath(ref)}?$select=${MESSAGE_SELECT}`,
};

const ATTACHMENTS: Reading = {
  kind: 'attachments',
  pathOf: (ref) => `${messagePath(ref)}/attachments?$select=${ATTACHMENT_SELECT}`,
};

/** The attachments of one message, following the pages after the first one by one. */
async function collect(
  { call, governor, links }: ReadManyOptions & { links: PinnedLinks },
  first: BatchResult,
  ref: MessageRef | undefined,
  signal?: AbortSignal,
): Promise<ReadResult<Attachment[]>> {
  if (!first.ok || ref === undefined) return first.ok ? unreadable() : first;
  const { mailboxId, priority } = ref;
  const plan = { mailboxId, permits: 1, requests: 1, priority };
  const attachments: Attachment[] = [];
  let body = first.body;
  try {
    for (let page = 0; page < ATTACHMENT_PAGES_MAX; page += 1) {
      const { value, '@odata.nextLink': next } = (body ?? {}) as Record<string, unknown>;
      const items = GraphAttachment.array().safeParse(value);
      if (!items.success) return unreadable();
      attachments.push(...items.data.map(toAttachment));
      if (typeof next !== 'string') return { ok: true, value: attachments };
      const path = { whole: links.toPath(next, mailboxId) };
      body = await governor.run(plan, () => call({ path, kind: 'attachments', signal }), signal);
    }
  } catch (error) {
    if (error instanceof GraphError) return { ok: false, error };
    throw error;
  }
  return unreadable();
}

function unreadable(): { ok: false; error: GraphError } {
  const error = new GraphProtocolError('sent a message that cannot be read', { status: 200 });
  return { ok: false, error };
}
