import { ownerOf, type Redis } from '@ms1/redis';
import type { Queue } from 'bullmq';

/** Keys that Redis looks at in one command: 1 ms of it. */
const COUNT = 1_000;

/**
 * The ids of all jobs of a queue, in any state or in no list, in pages. A job that exists during the whole scan is
 * found at least once; one that comes meanwhile may be missed.
 */
export async function* scanJobs(queue: Queue): AsyncGenerator<string[]> {
  const base = queue.toKey('');
  const redis = ownerOf((await queue.getBackend().client) as unknown as Redis, base);
  const pattern = `${base.replaceAll(/[*?[\]\\^]/g, String.raw`\$&`)}*`;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', COUNT, 'TYPE', 'hash');
    cursor = next;
    // Others of the queue's hashes have no data, and are none when they are read.
    if (keys.length > 0) yield keys.map((key) => key.slice(base.length));
  } while (cursor !== '0');
}
