import type { Connect } from '../connection.ts';
import { GraphError } from '../errors/graph-error.ts';
import type { MessageRef } from './folder-paths.ts';
import type { BatchResult } from './json-batch.ts';
import { type Item, MailboxQueue, type Reading } from './mailbox-queue.ts';

/**
 * Reads one thing of each message with few requests, as a dataloader does: a $batch of up to 20 of one mailbox, a plain
 * GET for one alone. Whoever asks for messages of a mailbox while a request of it is under way joins the next one:
 * where Graph is slow each $batch is full, and its four requests in flight are always in use.
 *
 * Not the library of that name: it has decided on a batch before its permits are there, and they say how many of it may
 * go; and what nobody waits for any more could not leave it.
 *
 * Why one mailbox: Graph sends at most 4 requests of a $batch to Outlook at a time, whatever mailboxes
 * they are for (docs/graph-contract.md#batching), so a $batch for several is slower than one for each; and a mailbox
 * that is throttled or moves keeps nobody else's messages waiting.
 */
export class MessageLoader {
  readonly #connect: Connect;
  readonly #now: () => number;
  readonly #reading: Reading;
  readonly #queues = new Map<string, MailboxQueue>();

  constructor(connect: Connect, now: () => number, reading: Reading) {
    this.#connect = connect;
    this.#now = now;
    this.#reading = reading;
  }

  /** Answers in the order of `refs`, each with its own outcome. Rejects only when the signal aborts or on an error that is not Graph's. */
  async load(refs: readonly MessageRef[], signal?: AbortSignal): Promise<BatchResult[]> {
    signal?.throwIfAborted();
    const since = this.#now();
    const queues = new Set<MailboxQueue>();
    const items = refs.map(
      (ref): Item => ({ ref, since, gone: false, ...Promise.withResolvers<BatchResult>() }),
    );
    for (const item of items) {
      try {
        const queue = this.#queueOf(item.ref);
        queue.add(item);
        queues.add(queue);
      } catch (error) {
        if (!(error instanceof GraphError)) throw error;
        item.resolve({ ok: false, error });
      }
    }
    for (const queue of queues) void queue.drain();
    const leave = (): void => {
      for (const item of items) {
        item.gone = true;
        item.reject(signal?.reason);
      }
      for (const queue of queues) queue.dropGone();
    };
    signal?.addEventListener('abort', leave);
    try {
      return await Promise.all(items.map(({ promise }) => promise));
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  #queueOf({ mailboxId, priority = 'live' }: MessageRef): MailboxQueue {
    const name = `${priority} ${mailboxId}`;
    const known = this.#queues.get(name);
    if (known) return known;
    const queue = new MailboxQueue({
      ...this.#connect(mailboxId),
      ...this.#reading,
      mailboxId,
      priority,
      now: this.#now,
      onEmpty: () => {
        if (this.#queues.get(name) === queue) this.#queues.delete(name);
      },
    });
    this.#queues.set(name, queue);
    return queue;
  }
}
