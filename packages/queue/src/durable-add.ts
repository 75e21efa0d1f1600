import { addBulk, type BulkJob } from '@ms1/bullmq-batch';
import { confirmWrites, type Redis } from '@ms1/redis';
import type { Queue } from 'bullmq';
import { EnqueueRefusedError } from './enqueue-refused-error.ts';

export type DurableAdd<T> = (jobs: readonly BulkJob<T>[]) => Promise<void>;

/**
 * Adds jobs in one script run and, where the server has replicas or demands some, waits until they have the jobs
 * ({@link confirmWrites}).
 *
 * @throws {EnqueueRefusedError}
 */
export function createDurableAdd<T>(queue: Queue<T>): DurableAdd<T> {
  return async (jobs) => {
    try {
      const redis = (await queue.getBackend().client) as unknown as Redis;
      await confirmWrites(redis, queue.toKey(''), () => addBulk(queue, jobs, { lean: true }));
    } catch (error) {
      throw EnqueueRefusedError.from(queue.name, error);
    }
  };
}
