import type { QueueName } from '@ms1/contracts';
import type { Redis } from '@ms1/redis';
import {
  DelayedError,
  isNotConnectionError,
  type Job,
  type JobJson,
  UnrecoverableError,
  Worker,
} from 'bullmq';

import { CancelError, SnoozeError } from './outcome.ts';

/** What a processor sees of a job. */
export interface TakenJob {
  id: string;
  name: string;
  data: unknown;
  /** how often it was started before, deaths of workers included */
  attemptsStarted: number;
}

export interface CreateWorkerOptions {
  queue: QueueName;
  connection: Redis;
  prefix: string;
  /** jobs in hand at once */
  concurrency: number;
  /**
   * Returns: done. Throws SnoozeError: again later, not counted. Throws CancelError: never again.
   * Throws anything else: retried with backoff. `signal` aborts when the job is lost or cancelled.
   */
  process: (job: TakenJob, signal: AbortSignal) => Promise<void>;
  onFailed?: (job: TakenJob | undefined, error: Error) => void;
  onError?: (error: Error) => void;
}

/**
 * Times of the fleet: a killed worker's jobs run again after at most lock + 2 x check = 50 s.
 * maxStalledCount 1 (BullMQ's default) fails a job for two deploys in a row; 10 still stops a job that
 * kills its worker each time (docs/reliability.md#dead-workers). BullMQ's ceiling on starts is not used: it counts
 * snoozes too, and an outage of hours must not fail what waits for its end.
 */
const WORKER_DEFAULTS = {
  lockDuration: 30_000,
  stalledInterval: 10_000,
  maxStalledCount: 10,
  runRetryDelay: 1_000,
} as const;

/**
 * BullMQ throws at a job whose data is not JSON when it has taken it: active, with a lock that nobody renews, it comes back
 * ten times before it fails, and the next tick of its scheduler is not added meanwhile. Here it comes without data, as one
 * whose hash is gone does.
 */
class ReadingWorker extends Worker {
  #lookedAt = Number.NaN;
  #inHand = 0;
  /** jobs that were worked through, and when: what became of them is still to be written */
  readonly #ending = new Map<Job, number>();

  /** ms that it should have looked for jobs and has not, or that Redis owes it an answer to the end of one */
  overdueMs(): number {
    if (!this.isRunning()) return 0;
    const now = performance.now();
    const endingMs = now - Math.min(now, ...this.#ending.values());
    if (this.#inHand >= this.concurrency) return endingMs;
    // It blocks for so long at most, and looks again.
    return Math.max(endingMs, now - this.#lookedAt - 1_000 * this.maximumBlockTimeout);
  }

  override async run(): Promise<void> {
    this.#lookedAt = performance.now();
    await super.run();
  }

  override async processJob(
    ...args: Parameters<Worker['processJob']>
  ): ReturnType<Worker['processJob']> {
    this.#inHand += 1;
    try {
      return await super.processJob(...args);
    } finally {
      this.#inHand -= 1;
      this.#ending.delete(args[0]);
      this.#lookedAt = performance.now();
    }
  }

  protected override async callProcessJob(
    ...args: Parameters<Worker['callProcessJob']>
  ): ReturnType<Worker['callProcessJob']> {
    try {
      return await super.callProcessJob(...args);
    } finally {
      this.ends(args[0]);
    }
  }

  /** It was worked through; from here on only Redis is waited for. */
  ends(job: Job): void {
    if (!this.#ending.has(job)) this.#ending.set(job, performance.now());
  }

  protected override createJob(json: JobJson, id: string): Job {
    try {
      return super.createJob(json, id);
    } catch {
      return super.createJob({ ...json, data: '{}' }, id);
    }
  }

  /** BullMQ asks again at once when Redis refuses it a job: 1,800 times a second where it is full (measured). */
  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      if (isNotConnectionError(error as Error)) await this.delay(WORKER_DEFAULTS.runRetryDelay);
      throw error;
    } finally {
      this.#lookedAt = performance.now();
    }
  }
}

/** A worker for one job at a time (of several in hand). Created stopped: {@link runWorker} runs it. */
export function createWorker(options: CreateWorkerOptions): ReadingWorker {
  const worker: ReadingWorker = new ReadingWorker(
    options.queue,
    async (job, token, signal) => {
      try {
        await options.process(taken(job), signal ?? new AbortController().signal);
      } catch (error) {
        if (error instanceof SnoozeError) {
          worker.ends(job);
          await job.moveToDelayed(Date.now() + error.delayMs, token);
          throw new DelayedError();
        }
        if (error instanceof CancelError) throw new UnrecoverableError(error.message);
        throw error;
      }
    },
    {
      connection: options.connection,
      prefix: options.prefix,
      ...WORKER_DEFAULTS,
      autorun: false,
      concurrency: options.concurrency,
    },
  );
  worker.on('failed', (job, error) => options.onFailed?.(job && taken(job), error));
  worker.on('error', (error) => options.onError?.(error));
  return worker;
}

function taken(job: Job): TakenJob {
  return { id: job.id ?? '', name: job.name, data: job.data, attemptsStarted: job.attemptsStarted };
}
