import { shardOfMailbox } from '@ms1/contracts';
import type { Queue } from 'bullmq';

export interface ParkedWakerOptions {
  /** where the jobs are delayed, by shard */
  queues: readonly Queue[];
  parked: { takeParked(mailboxId: string): Promise<string[]> };
  onError: (error: unknown) => void;
}

/**
 * Promotes the delayed jobs of a mailbox that is well again. If that fails it costs only time: each job's own delay
 * ends too.
 */
export function createParkedWaker({ queues, parked, onError }: ParkedWakerOptions) {
  const wake = async (queue: Queue | undefined, jobId: string): Promise<void> => {
    const job = await queue?.getJob(jobId);
    // It may have come back by itself meanwhile.
    if (await job?.isDelayed()) await job?.promote();
  };
  return (mailboxId: string): void => {
    const all = async (): Promise<void> => {
      const ids = await parked.takeParked(mailboxId);
      const queue = queues[shardOfMailbox(mailboxId, queues.length)];
      const woken = await Promise.allSettled(ids.map((id) => wake(queue, id)));
      const failed = woken.find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    };
    all().catch(onError);
  };
}
