/** What a delivery says about the size of its batch. */
export interface SizeReport {
  /** records in the request */
  records: number;
  requests: number;
  retried: number;
  /** records left over because the request had its bytes */
  overBytes: number;
  /** requests that were answered 413 */
  tooLarge: number;
  /** throttled, or no answer in time */
  strained: boolean;
  durationMs: number;
}

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

export interface AdaptiveSize {
  /** records that the next batch may have */
  current(): number;
  /** records from which on a batch is full enough to go at once */
  enough(): number;
  observe(report: SizeReport): void;
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
export function createAdaptiveSize(options: AdaptiveSizeOptions): AdaptiveSize {
  const { size, sizeMax, quickMs, pinned } = options;
  const min = Math.min(SIZE_MIN, size);
  const step = Math.max(1, Math.round(size / 10));
  let current = size;
  let good = 0;

  const set = (next: number): void => {
    good = 0;
    current = Math.max(min, Math.min(sizeMax, Math.floor(next)));
  };

  return {
    current: () => current,
    enough: () => Math.min(size, current),
    observe(report) {
      if (pinned || report.records === 0) return;
      if (report.tooLarge > 0) return set(Math.min(current, report.records) / 2);
      if (report.strained) return set(current * 0.75);
      // Not a fault: only more than a request holds, and fetched in vain.
      if (report.overBytes > 0) return set(report.records);
      const isGood =
        report.records >= current &&
        report.requests === 1 &&
        report.retried === 0 &&
        report.durationMs <= quickMs;
      good = isGood ? good + 1 : 0;
      if (isGood && current < size) set(Math.min(size, Math.ceil(current * 1.25)));
      else if (good >= GOOD_MIN) set(current + step);
    },
  };
}
