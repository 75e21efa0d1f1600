import { type Job, type Span, UnrecoverableError, WaitingError } from 'bullmq';

import { Batch, type BatchProcessor } from './batch.ts';
import type { Settlement } from './batch-driver.ts';
import { BatchEntry } from './batch-entry.ts';

/** BullMQ's `Worker.RateLimitError()` is known by its message only */
const RATE_LIMIT_MESSAGE = 'bullmq:rateLimitExceeded';
export const CLOSING = 'closing';

/** A batch from its fetch to its settlement: entries, the processor's run, and what became of each job. */
export class RunningBatch<D, R> {
  readonly token: string;
  readonly entries: readonly BatchEntry<D, R>[];
  readonly batch: Batch<D, R>;
  #controller: AbortController | null = null;
  #abortedFor: { readonly reason: unknown } | null = null;

  /** @param maxStartedAttempts as in BullMQ's WorkerOptions */
  constructor(token: string, jobs: readonly Job<D, R>[], maxStartedAttempts: number | undefined) {
    this.token = token;
    this.entries = jobs.map((job) => new BatchEntry<D, R>(job, () => this.#onCancel()));
    for (const entry of this.entries) refuseUnstartable(entry, maxStartedAttempts);
    const open = this.entries.filter((entry) => !entry.decided);
    this.batch = new Batch<D, R>(token, open, () => this.#signal());
  }

  /** Runs the processor and decides what it left open. Never rejects. */
  async process(processor: BatchProcessor<D, R>, span?: Span): Promise<void> {
    const { batch } = this;
    if (batch.size === 0) return;
    try {
      // As with BullMQ's own processors, whoever does not name the signal does not get one made.
      const results = await (processor.length === 1
        ? (processor as OneArgument<D, R>)(batch)
        : processor(batch, batch.signal));
      batch.entries.forEach((entry, i) =>
        entry.complete(Array.isArray(results) ? results[i] : undefined),
      );
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      span?.recordException(error.message);
      const isRelease =
        error.message === RATE_LIMIT_MESSAGE ||
        error instanceof WaitingError ||
        this.#abortedFor?.reason === CLOSING;
      for (const entry of batch.entries) {
        if (isRelease) entry.release();
        else entry.fail(error);
      }
    }
  }

  /**
   * Whose lock is still ours. Released jobs come last and newest first: each goes to the front of `wait`, so that they
   * end up there in the order in which they were taken.
   */
  settled(): BatchEntry<D, R>[] {
    const ours = this.entries.filter((entry) => !entry.lost);
    const isReleased = (entry: BatchEntry<D, R>): boolean => entry.outcome?.kind === 'released';
    return [...ours.filter((entry) => !isReleased(entry)), ...ours.filter(isReleased).toReversed()];
  }

  #signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#abortedFor) this.#controller.abort(this.#abortedFor.reason);
    }
    return this.#controller.signal;
  }

  #onCancel(): void {
    if (!this.entries.every((entry) => entry.cancelled || entry.decided)) return;
    const { reason } = this.entries.find((entry) => entry.cancelled)?.signal ?? {};
    this.#abortedFor ??= { reason };
    this.#controller?.abort(reason);
  }
}

type OneArgument<D, R> = (batch: Batch<D, R>) => Promise<R[] | void>;

/** @throws if nothing was decided: a processor has ended by then */
export function settlementOf<D, R>(entry: BatchEntry<D, R>): Settlement {
  if (entry.outcome === null) throw new Error(`job ${entry.job.id} is undecided`);
  return { job: entry.job as Job, outcome: entry.outcome, outbound: entry.outbound };
}

/** The two checks that BullMQ makes before it calls a processor, and that a manual fetch does not make. */
function refuseUnstartable<D, R>(
  entry: BatchEntry<D, R>,
  maxStartedAttempts: number | undefined,
): void {
  const { deferredFailure, attemptsStarted } = entry.job;
  if (deferredFailure) entry.fail(new UnrecoverableError(deferredFailure));
  else if (maxStartedAttempts && maxStartedAttempts < attemptsStarted) {
    entry.fail(new UnrecoverableError('job started more than allowable limit'));
  }
}
