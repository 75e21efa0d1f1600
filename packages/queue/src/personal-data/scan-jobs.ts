import type { Redis } from '@ms1/redis';
import type { Queue } from 'bullmq';

/** Keys that Redis looks at in one command: 1 ms of it. */
const COUNT = 1_000;

/**
 * The ids of all jobs of a queue, in whatever state and also where no list leads to them, in pages. What is there from
 * beginning to end is seen, at least once; what comes meanwhile may not be.
 */
export async function* scanJobs(queue: Queue): AsyncGenerator<string[]> {
  const redis = (await queue.getBackend().client) as unknown as Redis;
  const base = queue.toKey('');
  const pattern = `${base.replaceAll(/[*?[\]\\^]/g, String.raw`\$&`)}*`;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', COUNT, 'TYPE', 'hash');
    cursor = next;
    // Others of the queue's hashes have no data, and are none when they are read.
    if (keys.length > 0) yield keys.map((key) => key.slice(base.length));
  } while (cursor !== '0');
}
