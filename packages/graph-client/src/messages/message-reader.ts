import type { Attachment } from '@ms1/contracts';

import { ATTACHMENT_SELECT, GraphAttachment, toAttachment } from '../attachments/to-attachment.ts';
import type { Connect } from '../connection.ts';
import { GraphError, GraphProtocolError } from '../errors/graph-error.ts';
import { type MessageRef, messagePath } from './folder-paths.ts';
import { GraphMessage, MESSAGE_SELECT } from './graph-message.ts';
import type { BatchResult } from './json-batch.ts';
import { MessageLoader } from './message-loader.ts';

/** What became of one message of a read. */
export type ReadResult<T> = { ok: true; value: T } | { ok: false; error: GraphError };

/** Pages of one message's attachments that are followed; a message has at most some hundreds. */
const ATTACHMENT_PAGES_MAX = 20;

/**
 * Reads many messages at once. Both answer in the order of `refs`, each with its own outcome, and
 * reject only when the signal aborts.
 */
export class MessageReader {
  readonly #connect: Connect;
  readonly #messages: MessageLoader;
  readonly #attachments: MessageLoader;

  constructor(connect: Connect, now: () => number) {
    this.#connect = connect;
    this.#messages = new MessageLoader(connect, now, {
      kind: 'message',
      pathOf: (ref) => `${messagePath(ref)}?$select=${MESSAGE_SELECT}`,
    });
    this.#attachments = new MessageLoader(connect, now, {
      kind: 'attachments',
      pathOf: (ref) => `${messagePath(ref)}/attachments?$select=${ATTACHMENT_SELECT}`,
    });
  }

  async messages(
    refs: readonly MessageRef[],
    signal?: AbortSignal,
  ): Promise<ReadResult<GraphMessage>[]> {
    const results = await this.#messages.load(refs, signal);
    return results.map((result) => {
      if (!result.ok) return result;
      const message = GraphMessage.safeParse(result.body);
      return message.success ? { ok: true, value: message.data } : unreadable();
    });
  }

  /** The attachments of each message, metadata only, inline ones included. */
  async attachments(
    refs: readonly MessageRef[],
    signal?: AbortSignal,
  ): Promise<ReadResult<Attachment[]>[]> {
    const results = await this.#attachments.load(refs, signal);
    return Promise.all(results.map((result, index) => this.#collect(result, refs[index], signal)));
  }

  /** The attachments of one message, following the pages after the first one by one. */
  async #collect(
    first: BatchResult,
    ref: MessageRef | undefined,
    signal?: AbortSignal,
  ): Promise<ReadResult<Attachment[]>> {
    if (!first.ok || ref === undefined) return first.ok ? unreadable() : first;
    const { mailboxId, priority } = ref;
    const attachments: Attachment[] = [];
    let body = first.body;
    try {
      const { api, governor } = this.#connect(mailboxId);
      for (let page = 0; page < ATTACHMENT_PAGES_MAX; page += 1) {
        const { value, '@odata.nextLink': next } = (body ?? {}) as Record<string, unknown>;
        const items = GraphAttachment.array().safeParse(value);
        if (!items.success) return unreadable();
        attachments.push(...items.data.map(toAttachment));
        if (typeof next !== 'string') return { ok: true, value: attachments };
        const follow = () => api.follow(next, { kind: 'attachments', signal }, mailboxId);
        body = await governor.run({ mailboxId, priority }, follow, signal);
      }
    } catch (error) {
      if (error instanceof GraphError) return { ok: false, error };
      throw error;
    }
    return unreadable();
  }
}

function unreadable(): { ok: false; error: GraphError } {
  const error = new GraphProtocolError('sent a message that cannot be read', { status: 200 });
  return { ok: false, error };
}
