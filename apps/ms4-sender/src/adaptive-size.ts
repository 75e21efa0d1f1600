import type { DeliveryReport } from './delivery-report.ts';

/** What a delivery says about the size of its batch. */
export type SizeReport = Pick<
  DeliveryReport,
  'records' | 'requests' | 'retried' | 'overBytes' | 'tooLarge' | 'strained'
> & { durationMs: number };

export interface AdaptiveSizeOptions {
  /** records to begin with, and what is waited for; a session is never cut smaller while all is well */
  size: number;
  /** records at most: what the contract takes */
  sizeMax: number;
  /** ms up to which an answer counts as quick */
  quickMs: number;
  /** always `size` */
  pinned: boolean;
}

/** Small enough for an MS4 that is nearly down, large enough that requests are still for many. */
const SIZE_MIN = 10;
/** full, quick and clean batches in a row before it grows beyond what is configured */
const GOOD_MIN = 4;

/**
 * How many records go into a request: grows slowly while batches are full, quick and clean, shrinks at
 * once when MS4 says too large, throttles or does not answer in time (additive increase, multiplicative
 * decrease, as TCP has it). Below the configured size it recovers fast.
 */
export class AdaptiveSize {
  readonly #options: AdaptiveSizeOptions;
  #current: number;
  #good = 0;

  constructor(options: AdaptiveSizeOptions) {
    this.#options = options;
    this.#current = options.size;
  }

  /** Records that the next batch may have. */
  current(): number {
    return this.#current;
  }

  /** Records from which on a batch is full enough to go at once. */
  enough(): number {
    return Math.min(this.#options.size, this.#current);
  }

  observe(report: SizeReport): void {
    const { size, quickMs, pinned } = this.#options;
    if (pinned || report.records === 0) return;
    if (report.tooLarge > 0) return this.#set(Math.min(this.#current, report.records) / 2);
    if (report.strained) return this.#set(this.#current * 0.75);
    // Not a fault: only more than a request holds, and fetched in vain.
    if (report.overBytes > 0) return this.#set(report.records);
    const isGood =
      report.records >= this.#current &&
      report.requests === 1 &&
      report.retried === 0 &&
      report.durationMs <= quickMs;
    this.#good = isGood ? this.#good + 1 : 0;
    if (isGood && this.#current < size) this.#set(Math.min(size, Math.ceil(this.#current * 1.25)));
    else if (this.#good >= GOOD_MIN) this.#set(this.#current + Math.max(1, Math.round(size / 10)));
  }

  #set(next: number): void {
    const { size, sizeMax } = this.#options;
    this.#good = 0;
    this.#current = Math.max(Math.min(SIZE_MIN, size), Math.min(sizeMax, Math.floor(next)));
  }
}
