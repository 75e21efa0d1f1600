import { setImmediate as turn } from 'node:timers/promises';

import type { Connection } from '../connection.ts';
import { GraphError, GraphRequestError, GraphThrottledError } from '../errors/graph-error.ts';
import type { Granted, Priority } from '../governor/governor.ts';
import type { RequestKind } from '../http/request-kind.ts';
import { BatchRetrier, isAnyRead, unanswered } from './batch-retrier.ts';
import type { MessageRef } from './folder-paths.ts';
import { BATCH_REQUESTS_MAX, type BatchResult, sendBatch } from './json-batch.ts';
import { LoadShedder } from './load-shedder.ts';

/** What is read of each message. */
export interface Reading {
  kind: RequestKind;
  pathOf: (ref: MessageRef) => string;
}

/** One message that somebody waits for. */
export interface Item {
  ref: MessageRef;
  /** ms since the epoch, since when it waits */
  since: number;
  /** whoever asked does not want it any more */
  gone: boolean;
  promise: Promise<BatchResult>;
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

export interface MailboxQueueOptions extends Connection, Reading {
  mailboxId: string;
  priority: Priority;
  now: () => number;
  /** told when nothing waits and nothing is about to be sent */
  onEmpty: () => void;
}

/** What is waited for of one mailbox, first come first served, one request at a time. */
export class MailboxQueue {
  readonly #options: MailboxQueueOptions;
  readonly #retrier: BatchRetrier;
  readonly #sendings = new Set<Sending>();
  readonly #shedder = new LoadShedder();
  #waiting: Item[] = [];
  #isDraining = false;
  /** the last request had fewer permits than it wanted */
  #wasCut = false;

  constructor(options: MailboxQueueOptions) {
    this.#options = options;
    this.#retrier = new BatchRetrier(options.governor, (refs, signal) => this.#read(refs, signal));
  }

  add(item: Item): void {
    if (this.#shedder.admits(this.#waiting.length)) this.#waiting.push(item);
    else this.#shed(item);
  }

  /** Sends what waits, in requests of which each follows when the one before has its permits back. Never rejects. */
  async drain(): Promise<void> {
    if (this.#isDraining || this.#waiting.length === 0) return;
    this.#isDraining = true;
    // What is asked for in the same turn goes together.
    await turn();
    while (this.#waiting.length > 0) {
      await new Promise<void>((next) => void this.#send(next));
    }
    this.#isDraining = false;
    this.#options.onEmpty();
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

  #shed(item: Item): void {
    const error = new GraphThrottledError('has too much waiting of this mailbox', {
      status: null,
      retryAfterMs: this.#shedder.shed(this.#options.now()),
    });
    item.resolve({ ok: false, error });
  }

  /** @param next called when the following request may ask for its permits. Never rejects. */
  async #send(next: () => void): Promise<void> {
    const { mailboxId, priority, governor, now } = this.#options;
    const count = Math.min(this.#waiting.length, BATCH_REQUESTS_MAX);
    const sending: Sending = { taken: [], probe: false, stop: new AbortController() };
    const { signal } = sending.stop;
    const began = now();
    const plan = {
      mailboxId,
      priority,
      // Where others have some of the permits the rest is used. But not twice in a row: two who share a mailbox in
      // this way would go on with small requests for ever.
      least: this.#wasCut ? undefined : 1,
      requests: count,
      since: this.#waiting[0]?.since,
      name: count === 1 ? this.#waiting[0]?.ref.messageId : undefined,
      isServed: isAnyRead,
    };
    this.#sendings.add(sending);
    try {
      const results = await governor.run(
        plan,
        async (granted) => {
          this.#take(sending, granted, count);
          try {
            return await this.#read(refsOf(sending), signal);
          } catch (error) {
            // While this one waits for its next try, its permits are others'. What a probe found holds for all.
            if (!granted.probe) next();
            throw error;
          }
        },
        signal,
      );
      const { taken } = sending;
      this.#shedder.took(now() - began, taken.length);
      if (this.#waiting.length > this.#shedder.room) {
        for (const item of this.#waiting.splice(this.#shedder.room)) this.#shed(item);
      }
      if (taken.length > 1) await this.#retrier.report(mailboxId, results);
      next();
      const outcomes =
        taken.length > 1 ? await this.#retrier.retry(refsOf(sending), results, signal) : results;
      settle(taken, outcomes);
    } catch (error) {
      // Whom it was for knows already; others came since.
      if (!signal.aborted) await this.#refused(sending, count, error, next);
    } finally {
      this.#sendings.delete(sending);
      next();
    }
  }

  /** What the permits are enough for leaves the queue. */
  #take(sending: Sending, { probe, requests }: Granted, count: number): void {
    // What failed for the moment is tried again with the permits that there are then.
    this.#waiting.unshift(...sending.taken.filter(({ gone }) => !gone));
    sending.taken = this.#waiting.splice(0, probe ? 1 : requests);
    // They may be fewer now, when nobody sends any more.
    void this.drain();
    sending.probe = probe;
    this.#wasCut = requests < count;
  }

  #read(refs: readonly MessageRef[], signal: AbortSignal): Promise<BatchResult[]> {
    const { api, pathOf, kind, now } = this.#options;
    return sendBatch(api, refs.map(pathOf), kind, now, signal);
  }

  async #refused(sending: Sending, count: number, error: unknown, next: () => void): Promise<void> {
    const { taken, probe, stop } = sending;
    if (error instanceof GraphRequestError && taken.length > 1) {
      next();
      try {
        settle(taken, await this.#retrier.eachAlone(refsOf(sending), stop.signal));
      } catch (failure) {
        for (const { reject } of taken) reject(failure);
      }
      return;
    }
    // Those that were asked about, or would have been: each with Graph's refusal as its outcome.
    const wouldHave = taken.length === 0 || probe ? count - taken.length : 0;
    for (const { resolve, reject } of [...taken, ...this.#waiting.splice(0, wouldHave)]) {
      if (error instanceof GraphError) resolve({ ok: false, error });
      else reject(error);
    }
  }
}

function refsOf({ taken }: Sending): MessageRef[] {
  return taken.map(({ ref }) => ref);
}

function settle(items: readonly Item[], results: readonly BatchResult[]): void {
  for (const [index, { resolve }] of items.entries()) resolve(results[index] ?? unanswered());
}
