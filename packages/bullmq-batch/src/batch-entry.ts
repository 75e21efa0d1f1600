import type { Job, JobsOptions, Queue } from 'bullmq';

import type { NewJob } from './add-rows.ts';
import type { Outcome } from './outcome.ts';

/** A job for another queue, added if and only if the entry it hangs on is completed. */
export interface Outbound {
  readonly queue: Queue;
  readonly job: NewJob;
}

/** One job of a batch, and the methods that decide its outcome. The first decision wins; later ones are ignored. */
export class BatchEntry<D = unknown, R = unknown> {
  readonly job: Job<D, R>;
  #outcome: Outcome | null = null;
  #outbound: Outbound[] = [];
  #controller: AbortController | null = null;
  #cancelled: { readonly reason: string | undefined } | null = null;
  #lost = false;
  readonly #onCancel: () => void;

  constructor(job: Job<D, R>, onCancel: () => void = () => undefined) {
    this.job = job;
    this.#onCancel = onCancel;
  }

  get data(): D {
    return this.job.data;
  }

  /** aborted by `worker.cancelJob()`, a lost lock, and the close deadline */
  get signal(): AbortSignal {
    // Made on demand: nobody asks in most batches, and 500 controllers a batch are not free.
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#cancelled) this.#controller.abort(this.#cancelled.reason);
    }
    return this.#controller.signal;
  }

  get decided(): boolean {
    return this.#outcome !== null;
  }

  get outcome(): Outcome | null {
    return this.#outcome;
  }

  get outbound(): readonly Outbound[] {
    return this.#outbound;
  }

  /** the lock expired or was taken over: whatever is decided here is ignored, the job runs again elsewhere */
  get lost(): boolean {
    return this.#lost;
  }

  get cancelled(): boolean {
    return this.#cancelled !== null;
  }

  complete(value?: R): void {
    this.#decide({ kind: 'completed', value });
  }

  /**
   * Uses an attempt. Retried after the job's own backoff, or after `delay` ms, while attempts remain.
   * An `UnrecoverableError` is never retried.
   */
  fail(error: Error, { delay }: { delay?: number } = {}): void {
    this.#decide({ kind: 'failed', error, ...(delay === undefined ? {} : { delay }) });
  }

  /** Runs again in `ms` without using an attempt (a Retry-After). */
  delay(ms: number): void {
    this.#decide({ kind: 'delayed', ms });
  }

  /** Back to the front of `wait` in the order it came, without using an attempt. */
  nack(): void {
    this.#decide({ kind: 'nacked' });
  }

  /**
   * Adds a job to another queue if and only if this one is completed by this worker: one script run, fenced by this
   * job's lock, where both queues share a hash slot of one Redis. Otherwise the safe two steps: add under the
   * deterministic id, kept for at least an hour after its completion, then complete.
   */
  enqueue<T>(queue: Queue<T>, name: string, data: T, opts: JobsOptions & { jobId: string }): void {
    if (opts.jobId === '') {
      throw new RangeError('enqueue needs a job id: BullMQ reads an empty one as none');
    }
    this.#outbound.push({ queue, job: { name, data, opts } });
  }

  cancel(reason?: string): void {
    if (this.#cancelled) return;
    this.#cancelled = { reason };
    this.#controller?.abort(reason);
    this.#onCancel();
  }

  lose(): void {
    this.#lost = true;
    this.cancel('lock lost');
  }

  #decide(outcome: Outcome): void {
    this.#outcome ??= outcome;
  }
}
