import { type Job, type Span, UnrecoverableError } from 'bullmq';

import type { BatchProcessor } from './batch.ts';
import type { BatchDriver, FetchedJob, FetchPlan, FetchResult, Verdict } from './batch-driver.ts';
import type { BatchEntry } from './batch-entry.ts';
import { afterOverdue, BatchOverdueError, UndecidedError } from './overdue.ts';
import { RunningBatch, type StartedJob, settlementOf } from './running-batch.ts';
import { isPassing } from './while-refused.ts';

/** ms that a worker takes nothing after its processor left jobs undecided */
const UNDECIDED_REST_MS = 1_000;

/** What running a batch needs of its worker. */
export interface RunnerHost<D, R> {
  readonly processor: BatchProcessor<D, R>;
  readonly maxStartedAttempts: number | undefined;
  driver(): Promise<Pick<BatchDriver, 'settle'>>;
  /** a fetched job as BullMQ's; undefined where its scheduler could not be served */
  activate(fetched: FetchedJob, token: string): Job<D, R> | Promise<Job<D, R> | undefined>;
  /** what can be failed in place of a fetched job that can not be read */
  standIn(fetched: FetchedJob, token: string): Job<D, R>;
  /** keeps the lock of a job alive until `untrack` */
  track(job: Job<D, R>, token: string): void;
  untrack(job: Job<D, R>): void;
  /** runs `work` inside a span where telemetry is on */
  trace<T>(work: (span?: Span) => Promise<T>): Promise<T>;
  /** ms, -1 = off */
  readonly deadlineMs: number;
  /** makes a job run without neighbours from now on */
  suspect(job: Job<D, R>, deaths: number): Promise<void>;
  /** this worker takes nothing for so long */
  rest(ms: number): void;
  /** stops every worker of the queue */
  limit(ms: number): Promise<void>;
  onCompleted(job: Job<D, R>, value: R): void;
  onFailed(job: Job<D, R>, error: Error): void;
  onError(error: Error): void;
}

/** Takes fetched jobs through the processor and settles them. */
export class BatchRunner<D, R> {
  readonly #host: RunnerHost<D, R>;
  readonly #live = new Map<string, BatchEntry<D, R>>();

  constructor(host: RunnerHost<D, R>) {
    this.#host = host;
  }

  /** @returns whether the job is one of ours */
  cancel(jobId: string, reason?: string): boolean {
    const entry = this.#live.get(jobId);
    entry?.cancel(reason);
    return entry !== undefined;
  }

  /** The lock is gone: the job's outcome will be ignored. */
  lose(jobId: string): void {
    const entry = this.#live.get(jobId);
    if (!entry || entry.lost) return;
    entry.lose();
    this.#host.untrack(entry.job);
  }

  /**
   * @param next what may be fetched along with the settlement
   * @param processed told when the processor has ended: from here on only Redis is waited for
   * @returns what was fetched along, null = nothing was. Never rejects.
   */
  async run(
    plan: FetchPlan,
    { jobs }: FetchResult,
    next: () => FetchPlan | null,
    processed: () => void,
  ): Promise<FetchResult | null> {
    const host = this.#host;
    const started: StartedJob<D, R>[] = [];
    try {
      for (const fetched of jobs.splice(0)) {
        const made = this.#start(fetched, plan.token);
        const one = made instanceof Promise ? await made : made;
        if (!one) continue;
        started.push(one);
        host.track(one.job, plan.token);
      }
      let flushed = Promise.resolve();
      // One after the other: a slot remembers the answer to one run, in case it has to be sent again.
      const flush = (batch: RunningBatch<D, R>): Promise<void> => {
        flushed = flushed.then(() => this.#flush(batch, plan));
        return flushed;
      };
      const running = new RunningBatch<D, R>(plan.token, started, host.maxStartedAttempts, flush);
      const { entries } = running;
      for (const entry of entries) this.#live.set(entry.job.id ?? '', entry);
      return await host.trace(async (span) => {
        span?.setAttributes({ 'bullmq.batch.size': entries.length, 'bullmq.batch.id': plan.token });
        const overdue = await running.process(host.processor, host.deadlineMs, span);
        processed();
        if (overdue.length > 0) await this.#giveUp(overdue);
        if (running.undecided > 0) {
          // What is nacked is taken again at once, by a processor that may well do the same.
          host.rest(UNDECIDED_REST_MS);
          host.onError(new UndecidedError(running.undecided));
        }
        await flushed;
        return this.#settle(running, plan, next);
      });
    } catch (error) {
      // What is still active runs again when its lock has expired, as with BullMQ's own worker.
      host.onError(error as Error);
      return null;
    } finally {
      for (const { job } of started) {
        host.untrack(job);
        this.#live.delete(job.id ?? '');
      }
    }
  }

  /** A job that can not be read is failed, alone: its neighbours were taken with it and must run. */
  #start(
    fetched: FetchedJob,
    token: string,
  ): StartedJob<D, R> | null | Promise<StartedJob<D, R> | null> {
    const unreadable = (error: unknown): StartedJob<D, R> => {
      const cause = error instanceof Error ? error : new Error(String(error));
      return { job: this.#host.standIn(fetched, token), unreadable: cause };
    };
    if (fetched.unreadable) return unreadable(fetched.unreadable);
    try {
      const made = this.#host.activate(fetched, token);
      if (!(made instanceof Promise)) return { job: made };
      return made.then(
        (job) => (job ? { job } : null),
        (error: unknown) => {
          if (!isPassing(error)) return unreadable(error);
          // It runs again when its lock has expired.
          this.#host.onError(error as Error);
          return null;
        },
      );
    } catch (error) {
      return unreadable(error);
    }
  }

  /** Jobs at which the processor may hang run again, alone; who was overdue alone too is failed. */
  async #giveUp(entries: readonly BatchEntry<D, R>[]): Promise<void> {
    const host = this.#host;
    host.onError(new BatchOverdueError(entries.length, host.deadlineMs));
    const marks = entries.map(async (entry) => {
      const next = afterOverdue(entry.job.stalledCounter);
      if (!next) return entry.fail(new UnrecoverableError('processor_overdue'));
      entry.delay(next.delayMs);
      await host.suspect(entry.job, next.deaths);
    });
    for (const mark of await Promise.allSettled(marks)) {
      if (mark.status === 'rejected') host.onError(mark.reason as Error);
    }
  }

  async #settle(
    running: RunningBatch<D, R>,
    plan: FetchPlan,
    next: () => FetchPlan | null,
  ): Promise<FetchResult | null> {
    if (running.batch.limitMs > 0) await this.#limit(running.batch.limitMs);
    return this.#settleEach(running.settled(), plan, next);
  }

  async #flush(running: RunningBatch<D, R>, plan: FetchPlan): Promise<void> {
    const entries = running.decided();
    if (entries.length === 0) return;
    try {
      await this.#settleEach(entries, plan, () => null);
    } catch (error) {
      this.#host.onError(error as Error);
    }
  }

  async #settleEach(
    entries: readonly BatchEntry<D, R>[],
    plan: FetchPlan,
    next: () => FetchPlan | null,
  ): Promise<FetchResult | null> {
    // A renewal that meets its own settlement in Redis would report a lost lock.
    for (const { job } of entries) this.#host.untrack(job);
    const driver = await this.#host.driver();
    const { verdicts, next: fetched } = await driver.settle(
      plan,
      entries.map(settlementOf),
      next(),
    );
    const failures: Promise<void>[] = [];
    entries.forEach((entry, i) => {
      const verdict = verdicts[i];
      if (verdict) this.#announce(entry, verdict, plan.token, failures);
    });
    if (failures.length > 0) await Promise.all(failures);
    return fetched;
  }

  /** A limit that could not be set must not keep the batch from being settled. */
  async #limit(ms: number): Promise<void> {
    try {
      await this.#host.limit(ms);
    } catch (error) {
      this.#host.onError(error as Error);
    }
  }

  #announce(
    entry: BatchEntry<D, R>,
    verdict: Verdict,
    token: string,
    failures: Promise<void>[],
  ): void {
    const { job, outcome } = entry;
    if (verdict.ok) {
      if (outcome?.kind === 'completed') this.#host.onCompleted(job, outcome.value as R);
      else if (outcome?.kind === 'failed') this.#host.onFailed(job, outcome.error);
      return;
    }
    // As in BullMQ: a result that cannot be stored, or a completion that is refused, fails the job. But not for what is
    // wrong with Redis at this moment: the job runs again when its lock has expired.
    const isRefused = outcome?.kind === 'completed' && !verdict.lost && !isPassing(verdict.error);
    if (isRefused) failures.push(this.#fail(job, verdict.error, token));
    else this.#host.onError(verdict.error);
  }

  async #fail(job: Job<D, R>, error: Error, token: string): Promise<void> {
    try {
      await job.moveToFailed(error, token, false);
      this.#host.onFailed(job, error);
    } catch (refused) {
      this.#host.onError(refused as Error);
    }
  }
}
