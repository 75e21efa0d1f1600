import type { WorkerOptions } from 'bullmq';

import type { BatchBudget } from './batch-budget.ts';

/** How jobs are grouped. Everything about the single job stays in BullMQ's own `WorkerOptions`. */
export interface BatchOptions {
  /** jobs handed to the processor at once, 1..1000 */
  size: number;
  /**
   * Take nothing until so many jobs are available (waiting, prioritized, due). They stay in `wait`, unlocked.
   * @default 1
   */
  minSize?: number;
  /**
   * ms; take what there is once the first available job has waited this long. The clock is in Redis: one for all
   * workers of the queue, and it survives restarts.
   * @default no bound
   */
  timeout?: number;
  /**
   * ms; take what there is once no job has arrived for this long. Shared like `timeout`.
   * @default off
   */
  idle?: number;
  /**
   * Batches in flight in this worker; 2 to 4 let the fetch of one overlap the work of another.
   * @default 1
   */
  concurrency?: number;
  /**
   * Shared with the other workers of this process, which take from other queues: `concurrency` and `reserve` are its.
   * @default one of its own, of `concurrency` and `reserve`
   */
  budget?: BatchBudget;
  /**
   * Keeps the last of several batches in flight for jobs that were added with `lifo`: they wait for none of those that all
   * the others are at. With the public API that place stays empty.
   * @default false
   */
  reserve?: boolean;
  /**
   * A job whose worker has died s times shares a batch with at most ceil(size / 4^s) jobs, and on its last chance
   * (s >= maxStalledCount) it is the only job of its process.
   * @default true
   */
  isolateStalled?: boolean;
  /**
   * ms; on close() the processors still running are aborted after this and what they left undecided goes back to
   * `wait`. A processor that ignores the abort for another second is left behind; its jobs stall and run again.
   * @default wait for ever
   */
  closeTimeout?: number;
  /**
   * ms; a processor that has not returned by then is aborted, and left behind when it ignores that for another second.
   * What it had not decided runs again, each job in a batch of its own; one that is overdue three times is failed for
   * good. Longer than what a batch of one can take at worst; -1 = no deadline.
   * @default 10 x lockDuration
   */
  deadline?: number;
  /**
   * `scripts`: BullMQ's own Lua, many jobs a run. `public`: BullMQ's public API, one call a job; same results, slower.
   * `auto`: scripts where the installed BullMQ version has been proved, public otherwise.
   * @default 'auto'
   */
  driver?: 'auto' | 'scripts' | 'public';
  /**
   * Where nobody listens to the event streams of the queues, and no job has children or logs: a plain job then says nothing
   * on its stream when it is added, taken and completed, and what it can not have is not looked for, which is half of what
   * it costs Redis (measured). Failures, retries, delays and stalls are still told, and the worker's own events are not
   * touched. With the public API nothing is left out.
   * @default false
   */
  lean?: boolean;
}

export interface BatchWorkerOptions extends Omit<WorkerOptions, 'concurrency'> {
  batch: BatchOptions;
}

/** {@link BatchOptions} with every default filled in; 0 and -1 mean off where the field says so. */
export interface BatchSettings {
  readonly size: number;
  readonly minSize: number;
  /** ms, -1 = off */
  readonly timeout: number;
  /** ms, -1 = off */
  readonly idle: number;
  readonly concurrency: number;
  readonly reserve: boolean;
  readonly isolateStalled: boolean;
  /** ms, -1 = off */
  readonly closeTimeout: number;
  /** ms, -1 = off */
  readonly deadline: number;
  readonly driver: 'auto' | 'scripts' | 'public';
  readonly lean: boolean;
}

/**
 * One script run must stay short for everybody else on that Redis: 1000 jobs are about 40 ms (measured: 36 us a job).
 */
const SIZE_MAX = 1_000;

/** @throws RangeError for a combination that can never work */
export function batchSettings(options: BatchOptions): BatchSettings {
  const { size, minSize = 1, timeout = -1, idle = -1, concurrency = 1 } = options;
  if (!Number.isInteger(size) || size < 1 || size > SIZE_MAX) {
    throw new RangeError(`batch.size must be an integer from 1 to ${SIZE_MAX}, not ${size}`);
  }
  if (!Number.isInteger(minSize) || minSize < 1 || minSize > size) {
    throw new RangeError(`batch.minSize must be an integer from 1 to batch.size, not ${minSize}`);
  }
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new RangeError(`batch.concurrency must be a positive integer, not ${concurrency}`);
  }
  return {
    size,
    minSize,
    timeout,
    idle,
    concurrency,
    reserve: (options.reserve ?? false) && concurrency > 1,
    isolateStalled: options.isolateStalled ?? true,
    closeTimeout: options.closeTimeout ?? -1,
    deadline: options.deadline ?? -1,
    driver: options.driver ?? 'auto',
    lean: options.lean ?? false,
  };
}

/**
 * What differs from BullMQ's defaults, so that a job fails only by its own fault.
 * - `maxStalledCount` 10: with BullMQ's 1, two crashes of a worker (two deploys) fail every job it held, whatever
 *   `attempts` says.
 * - `stalledInterval` 10 s: jobs of a dead worker run again after at most lockDuration + 2 x stalledInterval = 50 s,
 *   instead of 90 s.
 * - `runRetryDelay` 1 s: with 15 s a fetch that failed in a failover waits longer than the failover took.
 */
export const WORKER_DEFAULTS = {
  lockDuration: 30_000,
  stalledInterval: 10_000,
  maxStalledCount: 10,
  runRetryDelay: 1_000,
  drainDelay: 5,
} as const;
