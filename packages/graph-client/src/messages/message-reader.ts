import type { Attachment } from '@ms1/contracts';

import { collectAttachments } from '../attachments/attachment-pages.ts';
import { ATTACHMENT_SELECT } from '../attachments/to-attachment.ts';
import type { Connect } from '../connection.ts';
import { GraphError, GraphProtocolError } from '../errors/graph-error.ts';
import { type MessageRef, messagePath } from './folder-paths.ts';
import { GraphMessage, messageSelect } from './graph-message.ts';
import type { BatchResult } from './json-batch.ts';
import { MessageLoader } from './message-loader.ts';

/** What became of one message of a read. */
export type ReadResult<T> = { ok: true; value: T } | { ok: false; error: GraphError };

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
      pathOf: (ref) => `${messagePath(ref)}?$select=${messageSelect(ref.headers)}`,
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
    try {
      return { ok: true, value: await collectAttachments(this.#connect, ref, first.body, signal) };
    } catch (error) {
      if (error instanceof GraphError) return { ok: false, error };
      throw error;
    }
  }
}

function unreadable(): { ok: false; error: GraphError } {
  const error = new GraphProtocolError('sent a message that cannot be read', { status: 200 });
  return { ok: false, error };
}
