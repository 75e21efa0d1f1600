import type { Attachment, MessageMetadata } from '@ms1/contracts';
import {
  type FolderReader,
  type MessageReader,
  type ReadResult,
  toMetadata,
} from '@ms1/graph-client';
import type { Clock } from '@ms1/runtime';

import { BurstPages } from './burst-pages.ts';

export interface MessageRef {
  mailboxId: string;
  messageId: string;
  /** RFC 3339 */
  noticedAt: string;
  /** what a session asks for makes way for new mail */
  priority: 'live' | 'backfill';
}

export interface MailReaderOptions {
  graph: {
    messages: Pick<MessageReader, 'messages' | 'attachments'>;
    folders: Pick<FolderReader, 'recentPage'>;
  };
  clock: Clock;
  /** messages a page when a burst is read; default 200, which is 0.005 units each; a 504 halves it */
  pageSize?: number;
  /** messages whose metadata is kept at most; default 20,000 */
  keptMax?: number;
}

/**
 * Graph as the processor reads it, many messages in few requests: what a burst announced by pages of its mailbox, what no
 * page holds (moved in from elsewhere, deleted, announced late) and all else one by one. Each has its own outcome, in the
 * order asked. Rejects only when stopped, or on an error that is not Graph's.
 */
export class MailReader {
  readonly #graph: MailReaderOptions['graph'];
  readonly #pages: BurstPages;

  constructor({ graph, clock, pageSize = 200, keptMax }: MailReaderOptions) {
    this.#graph = graph;
    this.#pages = new BurstPages({ folders: graph.folders, clock, pageSize, keptMax });
  }

  async metadata(
    refs: readonly MessageRef[],
    signal: AbortSignal,
  ): Promise<ReadResult<MessageMetadata>[]> {
    await this.#pages.read(refs, signal);
    const found = new Map(refs.map((ref) => [ref, this.#pages.take(ref.messageId)]));
    const rest = refs.filter((ref) => found.get(ref) === undefined);
    const results = rest.length === 0 ? [] : await this.#graph.messages.messages(rest, signal);
    const fetched = new Map(rest.map((ref, index) => [ref, results[index]]));
    return refs.map((ref) => {
      const value = found.get(ref);
      if (value) return { ok: true, value };
      const result = fetched.get(ref);
      if (!result) throw new Error('the mail reader left a message unanswered');
      return result.ok ? { ok: true, value: toMetadata(result.value) } : result;
    });
  }

  attachments(
    refs: readonly MessageRef[],
    signal: AbortSignal,
  ): Promise<ReadResult<Attachment[]>[]> {
    return this.#graph.messages.attachments(refs, signal);
  }
}
