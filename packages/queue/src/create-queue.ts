import type { QueueName } from '@ms1/contracts';
import type { Redis } from '@ms1/redis';
import { type DefaultJobOptions, Queue } from 'bullmq';

/**
 * Retries of a job that failed by itself (throttling and outages are snoozes and cost none): 2 s
 * doubled each time with half of it jittered, 8 attempts = 2+4+...+128 s, about 4 minutes.
 */
export const JOB_DEFAULTS = {
  attempts: 8,
  backoff: { type: 'exponential', delay: 2_000, jitter: 0.5 },
  // The ledger remembers what is done, at a tenth of the memory of a kept job.
  removeOnComplete: true,
  // A failed job is a dead letter: it stays until somebody replays or discards it.
  removeOnFail: false,
} satisfies DefaultJobOptions;

export interface CreateQueueOptions {
  connection: Redis;
  prefix: string;
  /** BullMQ emits `error`; without a listener the process would die of it */
  onError?: (error: Error) => void;
}

/** A queue to add to. The connection stays the caller's to close. */
export function createQueue<T = unknown>(
  name: QueueName,
  { connection, prefix, onError }: CreateQueueOptions,
): Queue<T> {
  const queue = new Queue<T>(name, {
    connection,
    prefix,
    defaultJobOptions: JOB_DEFAULTS,
    // 1,000 events are enough for a dashboard; the default 10,000 cost 400 KB a queue (measured).
    streams: { events: { maxLen: 1_000 } },
  });
  queue.on('error', (error) => onError?.(error));
  return queue;
}
