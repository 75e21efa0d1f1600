import type { BatchEntry } from '@ms1/bullmq-batch';

/** A job as far as the loss of its data goes. */
interface LosableEntry extends Pick<BatchEntry, 'data' | 'complete'> {
  readonly job: Pick<BatchEntry['job'], 'opts'>;
}

/** Redis no longer has the hash of this job (an eviction). */
export function isLostJob({ data }: { readonly data: unknown }): boolean {
  return typeof data !== 'object' || data === null || Object.keys(data).length === 0;
}

/**
 * Ends a job that is lost and leaves nothing of it: the ledger's entry then leads to no job, which the next audit calls
 * unexplained, and puts back.
 *
 * @returns false when it has data
 */
export function endLostJob(entry: LosableEntry): boolean {
  if (!isLostJob(entry)) return false;
  // Its options went with its data.
  entry.job.opts.removeOnComplete = true;
  entry.complete();
  return true;
}
