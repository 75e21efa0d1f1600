import { jobIdOf, type QueueName } from '@ms1/contracts';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** Where the job of a message is. `failed`: it is a dead letter there. */
export interface JobPlace {
  queue: QueueName;
  failed: boolean;
}

/** Where the jobs of these message keys are, in order; null where there is none. */
export type LocateJobs = (keys: readonly string[]) => Promise<(JobPlace | null)[]>;

/** Keys asked about in one round trip. */
const CHUNK = 500;

/**
 * Looks for jobs in queues in their order, which must be that of the hand-over: a job that leaves one
 * queue while it is looked for is in the next one before it leaves, so it is never missed. A later
 * queue's answer wins: a message may be on its way again while an earlier job of it lies failed.
 */
export function createJobLocator(queues: readonly Queue[]): LocateJobs {
  const lookIn = async (queue: Queue, keys: readonly string[]): Promise<(JobPlace | null)[]> => {
    const redis = (await queue.getBackend().client) as unknown as Redis;
    const pipeline = redis.pipeline();
    for (const key of keys) {
      pipeline.exists(queue.toKey(jobIdOf(key)));
      pipeline.zscore(queue.toKey('failed'), jobIdOf(key));
    }
    const answers = ((await pipeline.exec()) ?? []).map(([error, answer]) => {
      if (error) throw error;
      return answer;
    });
    return keys.map((_, index) =>
      answers[2 * index] === 1
        ? { queue: queue.name as QueueName, failed: answers[2 * index + 1] !== null }
        : null,
    );
  };

  return async (keys) => {
    const places: (JobPlace | null)[] = [];
    for (let start = 0; start < keys.length; start += CHUNK) {
      const chunk = keys.slice(start, start + CHUNK);
      let found: (JobPlace | null)[] = chunk.map(() => null);
      for (const queue of queues) {
        const here = await lookIn(queue, chunk);
        found = found.map((earlier, index) => {
          const place = here[index] ?? null;
          return place && (!earlier || earlier.failed || !place.failed) ? place : earlier;
        });
      }
      places.push(...found);
    }
    return places;
  };
}
