import { type Job, type Span, UnrecoverableError, WaitingError } from 'bullmq';

import { Batch, type BatchProcessor } from './batch.ts';
import type { Settlement } from './batch-driver.ts';
import { BatchEntry } from './batch-entry.ts';

/** BullMQ's `Worker.RateLimitError()` is known by its message only */
const RATE_LIMIT_MESSAGE = 'bullmq:rateLimitExceeded';
export const CLOSING = 'closing';
const OVERDUE = 'overdue';
/** ms that a processor has between the abort of its signal and being left behind */
export const ABORT_GRACE_MS = 1_000;

/** A job as it was taken; `unreadable`: it only stands in for what is stored, and is to be failed. */
export interface StartedJob<D, R> {
  readonly job: Job<D, R>;
  readonly unreadable?: Error | undefined;
}

/** Nobody can read what is stored of the job: it is failed for good. `cause` says why. */
class UnreadableJobError extends UnrecoverableError {
  constructor(cause: Error) {
    super('job_unreadable');
    this.cause = cause;
  }
}

/** A batch from its fetch to its settlement: entries, the processor's run, and what became of each job. */
export class RunningBatch<D, R> {
  readonly token: string;
  readonly entries: readonly BatchEntry<D, R>[];
  readonly batch: Batch<D, R>;
  #controller: AbortController | null = null;
  #abortedFor: { readonly reason: unknown } | null = null;
  #isOverdue = false;
  #undecided = 0;
  /** those that {@link settled} and {@link decided} gave away */
  readonly #given = new Set<BatchEntry<D, R>>();

  /**
   * @param maxStartedAttempts as in BullMQ's WorkerOptions
   * @param flush settles what is {@link decided}
   */
  constructor(
    token: string,
    started: readonly StartedJob<D, R>[],
    maxStartedAttempts: number | undefined,
    flush: (running: RunningBatch<D, R>) => Promise<void>,
  ) {
    this.token = token;
    this.entries = started.map(({ job, unreadable }) => {
      const entry = new BatchEntry<D, R>(job, () => this.#onCancel());
      if (unreadable) entry.fail(new UnreadableJobError(unreadable));
      else refuseUnstartable(entry, maxStartedAttempts);
      return entry;
    });
    const open = this.entries.filter((entry) => !entry.decided);
    this.batch = new Batch<D, R>(
      token,
      open,
      () => this.#signal(),
      () => flush(this),
    );
  }

  /** jobs that the processor left undecided when it returned */
  get undecided(): number {
    return this.#undecided;
  }

  /**
   * Runs the processor and decides what it left open. Never rejects.
   *
   * @param deadlineMs after which it is aborted, and left behind when it ignores that for another second; -1 = never
   * @returns the jobs at which it may hang: they are undecided when it was overdue
   */
  async process(
    processor: BatchProcessor<D, R>,
    deadlineMs: number,
    span?: Span,
  ): Promise<BatchEntry<D, R>[]> {
    const { entries, size } = this.batch;
    if (size === 0) return [];
    const run = this.#run(processor, span);
    if (await endsWithin(run, deadlineMs)) return [];
    this.#isOverdue = true;
    for (const entry of entries) entry.cancel(OVERDUE);
    await endsWithin(run, ABORT_GRACE_MS);
    return entries.filter((entry) => !entry.decided && !entry.lost);
  }

  async #run(processor: BatchProcessor<D, R>, span?: Span): Promise<void> {
    const { batch } = this;
    try {
      // As with BullMQ's own processors, whoever does not name the signal does not get one made.
      const results = await (processor.length === 1
        ? (processor as OneArgument<D, R>)(batch)
        : processor(batch, batch.signal));
      if (Array.isArray(results)) {
        batch.entries.slice(0, results.length).forEach((entry, i) => entry.complete(results[i]));
      }
      if (this.#isOverdue) return;
      for (const entry of batch.entries) {
        if (entry.decided) continue;
        if (!entry.lost) this.#undecided += 1;
        entry.nack();
      }
    } catch (thrown) {
      if (this.#isOverdue) return;
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      span?.recordException(error.message);
      const isNack =
        error.message === RATE_LIMIT_MESSAGE ||
        error instanceof WaitingError ||
        this.#abortedFor?.reason === CLOSING;
      for (const entry of batch.entries) {
        if (isNack) entry.nack();
        else entry.fail(error);
      }
    }
  }

  /** What is decided before the processor has ended, each once. */
  decided(): BatchEntry<D, R>[] {
    return this.#give(this.entries.filter((entry) => entry.decided));
  }

  /**
   * All the others whose lock is still ours. Nacked jobs come last and newest first: each goes to the front of `wait`, so that they
   * end up there in the order in which they were taken.
   */
  settled(): BatchEntry<D, R>[] {
    return this.#give(this.entries);
  }

  #give(entries: readonly BatchEntry<D, R>[]): BatchEntry<D, R>[] {
    const ours = entries.filter((entry) => !entry.lost && !this.#given.has(entry));
    for (const entry of ours) this.#given.add(entry);
    const isNacked = (entry: BatchEntry<D, R>): boolean => entry.outcome?.kind === 'nacked';
    return [...ours.filter((entry) => !isNacked(entry)), ...ours.filter(isNacked).toReversed()];
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

/** Whether `run` ended in time. */
async function endsWithin(run: Promise<void>, ms: number): Promise<boolean> {
  if (ms < 0) return run.then(() => true);
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, ms, false);
  const ended = await Promise.race([run.then(() => true), late]);
  clearTimeout(timer);
  return ended;
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
