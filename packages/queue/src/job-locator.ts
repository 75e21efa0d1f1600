import type { QueueName } from '@ms1/contracts';
import type { Queue } from 'bullmq';

import { placesOf } from './job-places.ts';
import { byName } from './shard-queues.ts';

/** Where the job of a message is. `failed`: it is a dead letter there. */
interface JobPlace {
  queue: QueueName;
  failed: boolean;
}

/** Where the jobs of these message keys are, in order; null where there is none. */
export type LocateJobs = (keys: readonly string[]) => Promise<(JobPlace | null)[]>;

/** Keys asked about in one round trip. */
const CHUNK = 500;

/**
 * Finds jobs in queues. Their order must be that of the hand-over: a job is in the next queue before it leaves one, so
 * it is never missed. The answer of a later queue wins: a message may be on its way again while an earlier job of it
 * has failed. A job in no list counts as none.
 */
export function createJobLocator(queues: readonly Queue[]): LocateJobs {
  const lookIn = async (queue: Queue, keys: readonly string[]): Promise<(JobPlace | null)[]> =>
    (await placesOf(queue, keys)).map((place) =>
      place === 'there' || place === 'failed'
        ? { queue: queue.name as QueueName, failed: place === 'failed' }
        : null,
    );
  const stages = [...byName(queues).values()];

  return async (keys) => {
    const places: (JobPlace | null)[] = [];
    for (let start = 0; start < keys.length; start += CHUNK) {
      const chunk = keys.slice(start, start + CHUNK);
      let found: (JobPlace | null)[] = chunk.map(() => null);
      for (const parts of stages) {
        // A key does not say whose mailbox it is of, so all parts of a queue are asked.
        for (const here of await Promise.all(parts.map((queue) => lookIn(queue, chunk)))) {
          found = found.map((earlier, index) => {
            const place = here[index] ?? null;
            return place && (!earlier || earlier.failed || !place.failed) ? place : earlier;
          });
        }
      }
      places.push(...found);
    }
    return places;
  };
}

/** Removes jobs that are in no list: no worker would take them, and they keep new jobs of their id from being added. */
export async function removeStranded(
  queues: readonly Queue[],
  keys: readonly string[],
): Promise<void> {
  for (let start = 0; start < keys.length; start += CHUNK) {
    for (const parts of byName(queues).values()) {
      const some = keys.slice(start, start + CHUNK);
      await Promise.all(parts.map((queue) => placesOf(queue, some, { removeStranded: true })));
    }
  }
}
