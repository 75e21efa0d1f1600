import { setTimeout as wait } from 'node:timers/promises';
import {
  isNotConnectionError,
  type Job,
  type JobJson,
  type LockManagerWorkerContext,
  SpanKind,
  Worker,
} from 'bullmq';

import type { BatchProcessor } from './batch.ts';
import type { BatchDriver, FetchPlan, FetchResult, Verdict } from './batch-driver.ts';
import type { BatchEntry } from './batch-entry.ts';
import { BatchLockManager } from './batch-lock-manager.ts';
import { BatchLoop } from './batch-loop.ts';
import {
  type BatchSettings,
  type BatchWorkerOptions,
  batchSettings,
  WORKER_DEFAULTS,
} from './batch-options.ts';
import { chooseDriver } from './choose-driver.ts';
import type { DriverContext } from './driver-context.ts';
import { CLOSING, RunningBatch, settlementOf } from './running-batch.ts';
import { type ScriptBackend, scriptBackendFactory } from './script-backend.ts';

/** ms that a processor has between the abort of its signal and being left behind */
const ABORT_GRACE_MS = 1_000;

/**
 * A BullMQ worker that takes jobs N at a time and gives each its own outcome. Everything else is the Worker it extends:
 * close, pause, resume, events, lock renewal, stalled jobs, schedulers, metrics and telemetry.
 */
export class BatchWorker<D = unknown, R = unknown> extends Worker<D, R> {
  readonly settings: BatchSettings;
  readonly #processor: BatchProcessor<D, R>;
  readonly #live = new Map<string, BatchEntry<D, R>>();
  readonly #loop: BatchLoop;
  #driver: BatchDriver | null = null;
  #halted = false;
  #resumed = Promise.withResolvers<void>();
  readonly #abandon = Promise.withResolvers<void>();

  constructor(name: string, processor: BatchProcessor<D, R>, options: BatchWorkerOptions) {
    const { batch, autorun = true, ...workerOptions } = options;
    const settings = batchSettings(batch);
    // BullMQ wants a processor before it will run(); run() below never calls it.
    const unreachable = (): Promise<R> =>
      Promise.reject(new Error('a BatchWorker processes batches'));
    super(
      name,
      unreachable,
      { ...WORKER_DEFAULTS, ...workerOptions, autorun: false },
      scriptBackendFactory,
    );
    this.settings = settings;
    this.#processor = processor;
    this.#loop = new BatchLoop({
      settings,
      driver: {
        fetch: async (plan) => (await this.#driverOnce()).fetch(plan),
        settle: async (plan, settlements, next) =>
          (await this.#driverOnce()).settle(plan, settlements, next),
      },
      workerId: this.id,
      drainDelayMs: (this.opts.drainDelay ?? WORKER_DEFAULTS.drainDelay) * 1_000,
      retryDelayMs: this.opts.runRetryDelay ?? WORKER_DEFAULTS.runRetryDelay,
      stopped: () => this.#halted || this.paused || this.closing !== undefined,
      limitDelay: (ms) => this.getRateLimitDelay(ms),
      needsProcess: (fetched) => this.#needsProcess(fetched),
      runBatch: (plan, fetched, next) => this.#runBatch(plan, fetched, next),
      waitForJob: (ms) => this.#waitForMarker(ms),
      onDrained: () => this.emit('drained'),
      onError: (error) => this.emit('error', error),
    });
    this.on('lockRenewalFailed', (ids) => ids.forEach((id) => this.#lose(id)));
    // close() says so before it sets `closing`.
    this.on('closing', () => this.#startClosing());
    if (autorun) this.run().catch((error: Error) => this.emit('error', error));
  }

  protected override createLockManager(): void {
    const { lockDuration = WORKER_DEFAULTS.lockDuration, lockRenewTime = lockDuration / 2 } =
      this.opts;
    const context = this as unknown as LockManagerWorkerContext;
    const manager = new BatchLockManager(context, {
      lockRenewTime,
      lockDuration,
      workerId: this.id,
      ...(this.opts.name === undefined ? {} : { workerName: this.opts.name }),
    });
    manager.onCancel = (id, reason) => {
      const entry = this.#live.get(id);
      entry?.cancel(reason);
      return entry !== undefined;
    };
    this.lockManager = manager;
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
    const { closeTimeout } = this.settings;
    if (closeTimeout < 0) return;
    const deadline = async (): Promise<void> => {
      await wait(closeTimeout, undefined, { ref: false });
      this.cancelAllJobs(CLOSING);
      await wait(ABORT_GRACE_MS, undefined, { ref: false });
      this.#abandon.resolve();
    };
    void deadline();
  }

  async #driverOnce(): Promise<BatchDriver> {
    this.#driver ??= await chooseDriver(
      this.getBackend() as unknown as ScriptBackend,
      this.#context(),
    );
    return this.#driver;
  }

  #context(): DriverContext {
    return {
      settings: this.settings,
      workerId: this.id,
      workerName: this.opts.name,
      qualifiedName: this.qualifiedName,
      maxStalledCount: this.opts.maxStalledCount ?? WORKER_DEFAULTS.maxStalledCount,
      lockDuration: this.opts.lockDuration ?? WORKER_DEFAULTS.lockDuration,
      limiter: this.opts.limiter,
      hasTelemetry: this.opts.telemetry !== undefined,
    };
  }

  async #runBatch(
    plan: FetchPlan,
    fetched: FetchResult,
    next: () => FetchPlan | null,
  ): Promise<FetchResult | null> {
    let running: RunningBatch<D, R> | null = null;
    try {
      const jobs = await this.#activate(fetched, plan.token);
      running = new RunningBatch<D, R>(plan.token, jobs, this.opts.maxStartedAttempts);
      for (const entry of running.entries) this.#live.set(entry.job.id ?? '', entry);
      return await this.#processAndSettle(running, plan, next);
    } catch (error) {
      this.emit('error', error as Error);
      return null;
    } finally {
      for (const { job } of running?.entries ?? []) {
        this.lockManager.untrackJob(job.id ?? '');
        this.#live.delete(job.id ?? '');
      }
    }
  }

  #processAndSettle(
    running: RunningBatch<D, R>,
    plan: FetchPlan,
    next: () => FetchPlan | null,
  ): Promise<FetchResult | null> {
    const process = async (span?: {
      setAttributes(values: Record<string, string | number>): void;
    }) => {
      span?.setAttributes({
        'bullmq.batch.size': running.entries.length,
        'bullmq.batch.id': plan.token,
      });
      await running.process(this.#processor, span as never);
      return this.#settle(running, plan, next);
    };
    if (!this.opts.telemetry) return process();
    return this.trace(
      SpanKind.CONSUMER,
      'processBatch',
      this.name,
      process,
    ) as Promise<FetchResult | null>;
  }

  async #settle(
    running: RunningBatch<D, R>,
    plan: FetchPlan,
    next: () => FetchPlan | null,
  ): Promise<FetchResult | null> {
    const { limitMs } = running.batch;
    if (limitMs > 0) {
      this.#loop.limit(limitMs);
      await this.getBackend().setRateLimit(limitMs);
    }
    const entries = running.settled();
    for (const { job } of entries) this.lockManager.untrackJob(job.id ?? '');
    const { verdicts, next: fetched } = await (await this.#driverOnce()).settle(
      plan,
      entries.map(settlementOf),
      next(),
    );
    const refused: Promise<void>[] = [];
    verdicts.forEach((verdict, i) => {
      const entry = entries[i];
      if (entry) this.#announce(entry, verdict, plan.token, refused);
    });
    if (refused.length > 0) await Promise.all(refused);
    return fetched;
  }

  #announce(
    entry: BatchEntry<D, R>,
    verdict: Verdict,
    token: string,
    refused: Promise<void>[],
  ): void {
    const { job, outcome } = entry;
    if (verdict.ok) {
      if (outcome?.kind === 'completed') this.emit('completed', job, outcome.value as R, 'active');
      else if (outcome?.kind === 'failed') this.emit('failed', job, outcome.error, 'active');
      return;
    }
    // As BullMQ does: a result that cannot be stored, or a completion refused, fails the job.
    const fails =
      outcome?.kind === 'completed' && !verdict.lost && isNotConnectionError(verdict.error);
    if (fails) refused.push(this.#fail(job, verdict.error, token));
    else this.emit('error', verdict.error);
  }

  async #fail(job: Job<D, R>, error: Error, token: string): Promise<void> {
    try {
      await job.moveToFailed(error, token, false);
      this.emit('failed', job, error, 'active');
    } catch (refusal) {
      this.emit('error', refusal as Error);
    }
  }

  /** Jobs of a scheduler take BullMQ's own way, which also schedules the next iteration. */
  async #activate({ jobs }: FetchResult, token: string): Promise<Job<D, R>[]> {
    const ready: Job<D, R>[] = [];
    for (const { id, json } of jobs) {
      const job = json.repeatJobKey
        ? await this.nextJobFromJobData(json, id, token)
        : this.#active(json, id, token);
      // Undefined where the next iteration could not be scheduled: said by an 'error' event.
      if (!job) continue;
      this.lockManager.trackJob(id, token, job.processedOn ?? Date.now());
      ready.push(job);
    }
    return ready;
  }

  #active(json: JobJson, id: string, token: string): Job<D, R> {
    const job = this.createJob(json, id);
    job.token = token;
    this.emit('active', job, 'waiting');
    return job;
  }

  #needsProcess({ jobs }: FetchResult): boolean {
    const last = Math.max(1, this.opts.maxStalledCount ?? WORKER_DEFAULTS.maxStalledCount);
    return (
      this.settings.isolateStalled &&
      jobs.some(
        ({ json }) => (json.stalledCounter ?? 0) >= last && json.deferredFailure === undefined,
      )
    );
  }

  #lose(id: string): void {
    const entry = this.#live.get(id);
    if (!entry || entry.lost) return;
    entry.lose();
    this.lockManager.untrackJob(id);
  }

  async #waitForMarker(ms: number): Promise<number | null> {
    const backend = this.getBackend();
    const seconds = Math.max(
      Math.min(ms / 1_000, backend.maximumBlockTimeout),
      backend.minimumBlockTimeout,
    );
    try {
      return (await backend.waitForJob(seconds))?.score ?? null;
    } catch (error) {
      if (this.#halted || this.closing !== undefined) return null;
      if (isNotConnectionError(error as Error)) this.emit('error', error as Error);
      await this.delay(1_000);
      await backend.reconnectBlocking().catch(() => undefined);
      return null;
    }
  }
}
