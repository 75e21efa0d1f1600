import { GraphError, GraphRequestError, GraphThrottledError } from '../errors/graph-error.ts';
import { type Granted, MAILBOX_PERMITS, type Priority } from '../governor/governor.ts';
import {
  BatchReader,
  isAnyRead,
  type Reading,
  type ReadManyOptions,
  unanswered,
} from './batch-reader.ts';
import type { MessageRef } from './folder-paths.ts';
import { BATCH_REQUESTS_MAX, type BatchResult } from './json-batch.ts';
import { LinePace } from './line-pace.ts';

/** One message that somebody waits for. */
interface Item {
  ref: MessageRef;
  /** ms since the epoch, since when it waits */
  since: number;
  /** whoever asked does not want it any more */
  gone: boolean;
  resolve: (result: BatchResult) => void;
  reject: (error: unknown) => void;
}

/** A request that waits for its permits (nothing taken yet), or is on its way. */
interface Sending {
  taken: Item[];
  /** a single one went first, to see whether the mailbox is there again */
  probe: boolean;
  stop: AbortController;
}

/**
 * Reads one thing of each message with few requests: a $batch of up to 20 of one mailbox, a plain GET for
 * one alone. Whoever asks for messages of a mailbox while a request of it is under way joins the next one:
 * where Graph is slow each $batch is full, and its four requests in flight are always in use.
 *
 * Why one mailbox: Graph sends at most 4 requests of a $batch to Outlook at a time, whatever mailboxes
 * they are for (docs/graph-contract.md#batching), so a $batch for several is slower than one for each; and a mailbox
 * that is throttled or moves keeps nobody else's messages waiting.
 */
export class JoinedReads {
  readonly #options: ReadManyOptions;
  readonly #reader: BatchReader;
  readonly #lines = new Map<string, ReadLine>();

  constructor(options: ReadManyOptions, reading: Reading) {
    this.#options = options;
    this.#reader = new BatchReader(options, reading);
  }

  /** Answers in the order of `refs`, each with its own outcome. Rejects only when the signal aborts or on an error that is not Graph's. */
  async read(refs: readonly MessageRef[], signal?: AbortSignal): Promise<BatchResult[]> {
    signal?.throwIfAborted();
    const since = this.#options.now();
    const results: Promise<BatchResult>[] = [];
    const items = refs.map((ref): Item => {
      const { promise, resolve, reject } = Promise.withResolvers<BatchResult>();
      results.push(promise);
      return { ref, since, gone: false, resolve, reject };
    });
    const lines = new Set<ReadLine>();
    for (const item of items) {
      const line = this.#lineOf(item.ref);
      line.add(item);
      lines.add(line);
    }
    const leave = (): void => {
      for (const item of items) {
        item.gone = true;
        item.reject(signal?.reason);
      }
      for (const line of lines) line.dropGone();
    };
    signal?.addEventListener('abort', leave);
    try {
      return await Promise.all(results);
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  #lineOf({ mailboxId, priority = 'live' }: MessageRef): ReadLine {
    const name = `${priority} ${mailboxId}`;
    const known = this.#lines.get(name);
    if (known) return known;
    const line = new ReadLine(this.#options, this.#reader, { mailboxId, priority }, () => {
      if (this.#lines.get(name) === line) this.#lines.delete(name);
    });
    this.#lines.set(name, line);
    return line;
  }
}

/** What is waited for of one mailbox, first come first served, one request at a time. */
class ReadLine {
  readonly #options: ReadManyOptions;
  readonly #reader: BatchReader;
  readonly #of: { mailboxId: string; priority: Priority };
  readonly #onEmpty: () => void;
  readonly #sendings = new Set<Sending>();
  readonly #pace = new LinePace();
  #waiting: Item[] = [];
  #isOpen = false;
  /** the last request had fewer permits than it wanted */
  #wasCut = false;

  constructor(
    options: ReadManyOptions,
    reader: BatchReader,
    of: { mailboxId: string; priority: Priority },
    onEmpty: () => void,
  ) {
    this.#options = options;
    this.#reader = reader;
    this.#of = of;
    this.#onEmpty = onEmpty;
  }

  add(item: Item): void {
    if (!this.#pace.lets(this.#waiting.length)) return this.#sendAway(item);
    this.#waiting.push(item);
    this.#open();
  }

  #sendAway(item: Item): void {
    const retryAfterMs = this.#pace.away(this.#options.now());
    const error = new GraphThrottledError('has too much waiting of this mailbox', {
      status: null,
      retryAfterMs,
    });
    item.resolve({ ok: false, error });
  }

  #open(): void {
    if (this.#isOpen || this.#waiting.length === 0) return;
    this.#isOpen = true;
    // What is asked for in the same turn goes together.
    setImmediate(() => void this.#sendAll());
  }

  /** Nobody waits for what is gone, nor is a request stopped that others wait for. */
  dropGone(): void {
    this.#waiting = this.#waiting.filter(({ gone }) => !gone);
    for (const { taken, stop } of this.#sendings) {
      const isWanted =
        taken.length > 0 ? taken.some(({ gone }) => !gone) : this.#waiting.length > 0;
      if (!isWanted) stop.abort(new Error('nobody waits for it any more'));
    }
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await new Promise<void>((next) => void this.#send(next));
    }
    this.#isOpen = false;
    this.#onEmpty();
  }

  /** @param next called when the following request may ask for its permits. Never rejects. */
  async #send(next: () => void): Promise<void> {
    const count = Math.min(this.#waiting.length, BATCH_REQUESTS_MAX);
    const sending: Sending = { taken: [], probe: false, stop: new AbortController() };
    const { signal } = sending.stop;
    this.#sendings.add(sending);
    const began = this.#options.now();
    try {
      const results = await this.#governed(count, sending, next);
      const { taken } = sending;
      this.#pace.took(this.#options.now() - began, taken.length);
      if (this.#waiting.length > this.#pace.room) {
        for (const item of this.#waiting.splice(this.#pace.room)) this.#sendAway(item);
      }
      if (taken.length > 1) await this.#reader.report(this.#of.mailboxId, results);
      next();
      const refs = taken.map(({ ref }) => ref);
      const outcomes = taken.length > 1 ? await this.#reader.retry(refs, results, signal) : results;
      for (const [index, { resolve }] of taken.entries()) resolve(outcomes[index] ?? unanswered());
    } catch (error) {
      // Whom it was for knows already; others came since.
      if (!signal.aborted) await this.#refused(sending, count, error, next);
    } finally {
      this.#sendings.delete(sending);
      next();
    }
  }

  #governed(count: number, sending: Sending, next: () => void): Promise<BatchResult[]> {
    const { governor } = this.#options;
    const plan = {
      ...this.#of,
      permits: Math.min(count, MAILBOX_PERMITS),
      // Where others have some of the permits the rest is used. But not twice in a row: two who share a mailbox in
      // this way would go on with small requests for ever.
      least: this.#wasCut ? undefined : 1,
      requests: count,
      since: this.#waiting[0]?.since,
      name: count === 1 ? this.#waiting[0]?.ref.messageId : undefined,
      isServed: isAnyRead,
    };
    const call = async ({ probe, requests }: Granted): Promise<BatchResult[]> => {
      // What failed for the moment is tried again with the permits that there are then.
      this.#waiting.unshift(...sending.taken.filter(({ gone }) => !gone));
      sending.taken = this.#waiting.splice(0, probe ? 1 : requests);
      // They may be fewer now, when nobody sends any more.
      this.#open();
      sending.probe = probe;
      this.#wasCut = requests < count;
      try {
        return await this.#reader.send(
          sending.taken.map(({ ref }) => ref),
          sending.stop.signal,
        );
      } catch (error) {
        // While this one waits for its next try, its permits are others'. What a probe found holds for all.
        if (!probe) next();
        throw error;
      }
    };
    return governor.run(plan, call, sending.stop.signal);
  }

  async #refused(sending: Sending, count: number, error: unknown, next: () => void): Promise<void> {
    const { taken, stop } = sending;
    if (!(error instanceof GraphRequestError) || taken.length <= 1) {
      return this.#fail(sending, count, error);
    }
    next();
    try {
      const refs = taken.map(({ ref }) => ref);
      const outcomes = await this.#reader.eachAlone(refs, stop.signal);
      for (const [index, { resolve }] of taken.entries()) resolve(outcomes[index] ?? unanswered());
    } catch (failure) {
      for (const { reject } of taken) reject(failure);
    }
  }

  /** Ends those that were asked about, or would have been: each with Graph's refusal as its outcome. */
  #fail({ taken, probe }: Sending, count: number, error: unknown): void {
    const wouldHave = taken.length === 0 || probe ? count - taken.length : 0;
    const failed = [...taken, ...this.#waiting.splice(0, wouldHave)];
    for (const { resolve, reject } of failed) {
      if (error instanceof GraphError) resolve({ ok: false, error });
      else reject(error);
    }
  }
}
