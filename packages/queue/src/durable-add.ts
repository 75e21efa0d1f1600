import { addBulk, type BulkJob } from '@ms1/bullmq-batch';
import type { Redis } from '@ms1/redis';
import type { Queue } from 'bullmq';
import { EnqueueRefusedError } from './enqueue-refused-error.ts';

/** ms that replicas have to confirm; below the producers' commandTimeout of 1500, so that WAIT answers first */
const CONFIRM_MS = 1_000;
/** ms between two looks at whether there are replicas */
const LOOK_MS = 30_000;

export type DurableAdd<T> = (jobs: readonly BulkJob<T>[]) => Promise<void>;

/**
 * Adds jobs in one script run and, where the server has replicas or demands some (min-replicas-to-write), waits until one
 * has the jobs: without WAIT an acknowledged add can be lost in a failover (measured: 785 of 5,298; with it 0 of 424).
 * In Cluster there is no WAIT: which connection wrote is not known.
 *
 * @throws {EnqueueRefusedError}
 */
export function createDurableAdd<T>(queue: Queue<T>, now: () => number = Date.now): DurableAdd<T> {
  let replicated = false;
  let lookedAt = Number.NEGATIVE_INFINITY;

  const hasReplicas = async (redis: Redis): Promise<boolean> => {
    if (now() - lookedAt >= LOOK_MS) {
      const info = await redis.info('replication');
      replicated = /^min_slaves_good_slaves:|^connected_slaves:[1-9]/m.test(info);
      lookedAt = now();
    }
    return replicated;
  };

  return async (jobs) => {
    try {
      const redis = (await queue.getBackend().client) as unknown as Redis;
      // Asked first, so that the WAIT follows its add without another round trip in between.
      const confirms = !redis.isCluster && (await hasReplicas(redis));
      await addBulk(queue, jobs, { lean: true });
      if (confirms && (await redis.wait(1, CONFIRM_MS)) < 1) {
        throw new EnqueueRefusedError(queue.name, 'unconfirmed');
      }
    } catch (error) {
      throw EnqueueRefusedError.from(queue.name, error);
    }
  };
}
