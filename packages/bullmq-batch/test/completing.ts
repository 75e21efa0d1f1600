import type { Batch, BatchProcessor } from '../src/batch.ts';

/** A processor that completes what it does not decide about: most tests are about something else. */
export function completing<D, R>(processor: BatchProcessor<D, R>): BatchProcessor<D, R> {
  const completed = async (batch: Batch<D, R>, results: R[] | void): Promise<void> => {
    batch.entries.forEach((entry, i) => entry.complete(results ? results[i] : undefined));
  };
  // Whoever does not name the signal does not get one made.
  if (processor.length < 2) {
    const single = processor as (batch: Batch<D, R>) => Promise<R[] | void>;
    return async (batch) => completed(batch, await single(batch));
  }
  return async (batch, signal) => completed(batch, await processor(batch, signal));
}
