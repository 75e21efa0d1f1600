import { LockManager } from 'bullmq';

/**
 * BullMQ's LockManager; only the cancelling differs: it goes to the entries, which make an AbortController when somebody
 * asks for a signal.
 */
export class BatchLockManager extends LockManager {
  onCancel: (jobId: string, reason?: string) => boolean = () => false;

  override cancelJob(jobId: string, reason?: string): boolean {
    return this.trackedJobs.has(jobId) && this.onCancel(jobId, reason);
  }

  override cancelAllJobs(reason?: string): void {
    for (const id of this.trackedJobs.keys()) this.onCancel(id, reason);
  }
}
