import { setTimeout as wait } from 'node:timers/promises';
import {
  isNotConnectionError,
  type Job,
  type LockManagerWorkerContext,
  SpanKind,
  Worker,
} from 'bullmq';
import type { Redis } from 'ioredis';

import type { BatchProcessor } from './batch.ts';
import { BatchBudget } from './batch-budget.ts';
import type { BatchDriver, FetchedJob, FetchResult } from './batch-driver.ts';
import { BatchLockManager } from './batch-lock-manager.ts';
import { BatchLoop } from './batch-loop.ts';
import {
  type BatchSettings,
  type BatchWorkerOptions,
  batchSettings,
  WORKER_DEFAULTS,
} from './batch-options.ts';
import { BatchRunner } from './batch-runner.ts';
import { chooseDriver } from './choose-driver.ts';
import { standIn } from './read-job.ts';
import { ABORT_GRACE_MS, CLOSING } from './running-batch.ts';
import { type ScriptBackend, scriptBackendFactory } from './script-backend.ts';

/** Locks that a batch may take by default: 5 minutes with those of 30 s. */
const DEADLINE_LOCKS = 10;

const unreachable = (): Promise<never> =>
  Promise.reject(new Error('a BatchWorker processes batches'));

/**
 * A BullMQ worker that takes jobs N at a time and gives each its own outcome. Everything else is the Worker it extends:
 * close, pause, resume, events, lock renewal, stalled jobs, schedulers, metrics and telemetry.
 */
export class BatchWorker<D = unknown, R = unknown> extends Worker<D, R> {
  readonly settings: BatchSettings;
  readonly #loop: BatchLoop;
  readonly #runner: BatchRunner<D, R>;
  #driver: BatchDriver | null = null;
  #halted = false;
  #resumed = Promise.withResolvers<void>();
  readonly #abandon = Promise.withResolvers<void>();

  constructor(name: string, processor: BatchProcessor<D, R>, options: BatchWorkerOptions) {
    const { batch, autorun = true, ...rest } = options;
    const lockDuration = rest.lockDuration ?? WORKER_DEFAULTS.lockDuration;
    const settings = batchSettings({ deadline: DEADLINE_LOCKS * lockDuration, ...batch });
    // BullMQ wants a processor before it will run(); ours never calls it.
    super(name, unreachable, { ...WORKER_DEFAULTS, ...rest, autorun: false }, scriptBackendFactory);
    this.settings = settings;
    this.#runner = this.#createRunner(processor);
    const { concurrency, reserve } = settings;
    const budget = batch.budget ?? new BatchBudget(concurrency, reserve);
    this.#loop = this.#createLoop(budget, lockDuration);
    this.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.#runner.lose(id);
    });
    // close() says so before it sets `closing`.
    this.on('closing', () => this.#startClosing());
    if (autorun) this.run().catch((error: Error) => this.emit('error', error));
  }

  /**
   * How many jobs make a batch, and from how many on one is taken, from the next fetch on.
   *
   * @throws RangeError where the constructor would
   */
  resize(size: number, minSize: number): void {
    const { size: checked, minSize: checkedMin } = batchSettings({ size, minSize });
    // The driver holds the same object and reads it at each fetch.
    Object.assign(this.settings, { size: checked, minSize: checkedMin });
  }

  /**
   * ms that it should have looked for jobs, or have been done with some, and has not. Also what never comes back from Redis
   * counts: a Redis that is away is for the caller to tell apart.
   */
  overdueMs(): number {
    return this.#loop.overdueMs();
  }

  /** Resolves when the worker is closed or paused and its batches have ended. */
  override async run(): Promise<void> {
    if (this.running) throw new Error('Worker is already running.');
    try {
      this.running = true;
      if (this.closing !== undefined || this.paused) return;
      this.#halted = false;
      await this.startStalledCheckTimer();
      if (this.opts.skipLockRenewal !== true) this.lockManager.start();
      this.mainLoopRunning = this.#main();
      await this.mainLoopRunning;
    } finally {
      this.running = false;
    }
  }

  override async pause(doNotWaitActive?: boolean): Promise<void> {
    this.#halt();
    await super.pause(doNotWaitActive);
  }

  override async resume(): Promise<void> {
    this.#halted = false;
    await super.resume();
    this.#resumed.resolve();
  }

  /** Called by the constructor of Worker, before anything of ours is set. */
  protected override createLockManager(): void {
    const { lockDuration = WORKER_DEFAULTS.lockDuration, name } = this.opts;
    const manager = new BatchLockManager(this as unknown as LockManagerWorkerContext, {
      lockDuration,
      lockRenewTime: this.opts.lockRenewTime ?? lockDuration / 2,
      workerId: this.id,
      ...(name === undefined ? {} : { workerName: name }),
    });
    manager.onCancel = (id, reason) => this.#runner.cancel(id, reason);
    this.lockManager = manager;
  }

  #createLoop(budget: BatchBudget, settleMs: number): BatchLoop {
    return new BatchLoop({
      settings: this.settings,
      budget,
      settleMs,
      workerId: this.id,
      drainDelayMs: (this.opts.drainDelay ?? WORKER_DEFAULTS.drainDelay) * 1_000,
      retryDelayMs: this.opts.runRetryDelay ?? WORKER_DEFAULTS.runRetryDelay,
      stopped: () => this.#halted || this.paused || this.closing !== undefined,
      limitDelay: (ms) => this.getRateLimitDelay(ms),
      fetch: async (plan) => (await this.#driverOnce()).fetch(plan),
      runBatch: (...batch) => this.#runner.run(...batch),
      needsProcess: (fetched) => this.#needsProcess(fetched),
      waitForJob: (ms) => this.#waitForMarker(ms),
      onDrained: () => this.emit('drained'),
      onError: (error) => this.emit('error', error),
    });
  }

  #createRunner(processor: BatchProcessor<D, R>): BatchRunner<D, R> {
    return new BatchRunner<D, R>({
      processor,
      maxStartedAttempts: this.opts.maxStartedAttempts,
      driver: () => this.#driverOnce(),
      activate: (fetched, token) => this.#activate(fetched, token),
      standIn: ({ id, json }, token) => {
        // What can not be read is the data, or the options too: the rest of it may be needed to end it.
        const job = this.createJob({ ...standIn(id), name: json.name }, id);
        job.token = token;
        return job;
      },
      track: (job, token) =>
        void this.lockManager.trackJob(job.id ?? '', token, job.processedOn ?? Date.now()),
      untrack: (job) => this.lockManager.untrackJob(job.id ?? ''),
      trace: (work) =>
        this.opts.telemetry
          ? Promise.resolve(this.trace(SpanKind.CONSUMER, 'processBatch', this.name, work))
          : work(),
      deadlineMs: this.settings.deadline,
      suspect: (job, deaths) => this.#suspect(job, deaths),
      rest: (ms) => this.#loop.limit(ms),
      limit: (ms) => {
        this.#loop.limit(ms);
        return this.getBackend().setRateLimit(ms);
      },
      onCompleted: (job, value) => this.emit('completed', job, value, 'active'),
      onFailed: (job, error) => this.emit('failed', job, error, 'active'),
      onError: (error) => this.emit('error', error),
    });
  }

  async #main(): Promise<void> {
    do {
      this.#resumed = Promise.withResolvers();
      await this.#loop.run();
      // pause(true) returns while batches are running; a resume() then goes on without waiting for them.
      await this.#loop.drained(Promise.race([this.#resumed.promise, this.#abandon.promise]));
    } while (!this.#halted && !this.paused && this.closing === undefined);
  }

  #halt(): void {
    this.#halted = true;
    this.#loop.wake();
  }

  #startClosing(): void {
    this.#halt();
    if (this.settings.closeTimeout >= 0) void this.#meetDeadline(this.settings.closeTimeout);
  }

  async #meetDeadline(ms: number): Promise<void> {
    await wait(ms, undefined, { ref: false });
    this.cancelAllJobs(CLOSING);
    await wait(ABORT_GRACE_MS, undefined, { ref: false });
    this.#abandon.resolve();
  }

  async #driverOnce(): Promise<BatchDriver> {
    this.#driver ??= await chooseDriver(this.getBackend() as unknown as ScriptBackend, {
      settings: this.settings,
      workerId: this.id,
      workerName: this.opts.name,
      qualifiedName: this.qualifiedName,
      maxStalledCount: this.opts.maxStalledCount ?? WORKER_DEFAULTS.maxStalledCount,
      lockDuration: this.opts.lockDuration ?? WORKER_DEFAULTS.lockDuration,
      limiter: this.opts.limiter,
      hasTelemetry: this.opts.telemetry !== undefined,
    });
    return this.#driver;
  }

  /** Jobs of a scheduler take BullMQ's own way, which also schedules the next iteration. */
  #activate({ id, json }: FetchedJob, token: string): Job<D, R> | Promise<Job<D, R> | undefined> {
    if (json.repeatJobKey) return this.nextJobFromJobData(json, id, token);
    const job = this.createJob(json, id);
    job.token = token;
    this.emit('active', job, 'waiting');
    return job;
  }

  /** As if its workers had died so often: see `isolateStalled`. */
  async #suspect(job: Job<D, R>, deaths: number): Promise<void> {
    const backend = this.getBackend() as unknown as ScriptBackend;
    const client = (await backend.client) as unknown as Pick<Redis, 'hset'>;
    await client.hset(this.toKey(job.id ?? ''), 'stc', deaths);
  }

  #needsProcess({ jobs }: FetchResult): boolean {
    const last = Math.max(1, this.opts.maxStalledCount ?? WORKER_DEFAULTS.maxStalledCount);
    return (
      this.settings.isolateStalled &&
      jobs.some(({ json }) => (json.stalledCounter ?? 0) >= last && !json.deferredFailure)
    );
  }

  async #waitForMarker(ms: number): Promise<number | null> {
    const backend = this.getBackend();
    const { maximumBlockTimeout: max, minimumBlockTimeout: min } = backend;
    try {
      return (await backend.waitForJob(Math.max(Math.min(ms / 1_000, max), min)))?.score ?? null;
    } catch (error) {
      if (this.#halted || this.closing !== undefined) return null;
      if (isNotConnectionError(error as Error)) this.emit('error', error as Error);
      await this.delay(1_000);
      // A connection that is opened when its worker has closed is nobody's to close.
      if (this.closing === undefined) await backend.reconnectBlocking().catch(() => undefined);
      return null;
    }
  }
}
