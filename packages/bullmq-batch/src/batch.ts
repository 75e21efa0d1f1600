import type { Job } from 'bullmq';

import type { BatchEntry } from './batch-entry.ts';

/** What a processor is given. */
export class Batch<D = unknown, R = unknown> {
  readonly id: string;
  readonly entries: readonly BatchEntry<D, R>[];
  readonly #signalOf: () => AbortSignal;
  readonly #settle: () => Promise<void>;
  #limitMs = 0;

  /**
   * @param signalOf makes the signal when it is asked for: most processors never do
   * @param settle settles what is decided by now
   */
  constructor(
    id: string,
    entries: readonly BatchEntry<D, R>[],
    signalOf: () => AbortSignal,
    settle: () => Promise<void>,
  ) {
    this.id = id;
    this.entries = entries;
    this.#signalOf = signalOf;
    this.#settle = settle;
  }

  /** aborted when every job of the batch is: all locks lost, `cancelAllJobs()`, the close deadline */
  get signal(): AbortSignal {
    return this.#signalOf();
  }

  get jobs(): Job<D, R>[] {
    return this.entries.map((entry) => entry.job);
  }

  get size(): number {
    return this.entries.length;
  }

  /** ms asked for by {@link rateLimit}, 0 = not */
  get limitMs(): number {
    return this.#limitMs;
  }

  /**
   * Settles what is decided by now, in a script run of its own: for who is done while others of the batch take long.
   * Resolves also when Redis refuses: those jobs run again when their locks have expired.
   */
  flush(): Promise<void> {
    return this.#settle();
  }

  /** Stops the queue for `ms` in every worker of the fleet and nacks what is undecided. No attempt is used. */
  rateLimit(ms: number): void {
    this.#limitMs = ms;
    for (const entry of this.entries) entry.nack();
  }
}

/**
 * Decides about its entries, or returns the results in their order. What is undecided when it returns is nacked and
 * reported, what is undecided when it throws is failed; a `RateLimitError` or `WaitingError` nacks instead.
 */
export type BatchProcessor<D = unknown, R = unknown> = (
  batch: Batch<D, R>,
  signal: AbortSignal,
) => Promise<R[] | void>;
