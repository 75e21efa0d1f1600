import { addBulk } from '@ms1/bullmq-batch';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

import { type Drain, measureDrain } from '../measure-drain.ts';

export type Adder = 'queue.addBulk()' | 'addBulk()' | 'addBulk(), lean';

export const ADDERS: readonly Adder[] = ['queue.addBulk()', 'addBulk()', 'addBulk(), lean'];

/** jobs an add: a delta page of the fleet */
const SIZE = 200;
const PAYLOAD = { v: 1, text: 'x'.repeat(1_000) };
const OPTS = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: true,
};

/** Adds jobs to an empty queue that nobody works on, page by page. */
export async function addJobs(redis: Redis, adder: Adder, jobs: number): Promise<Drain> {
  await redis.flushall();
  const queue = new Queue('jobs', {
    connection: redis,
    prefix: '{bench}',
    defaultJobOptions: OPTS,
  });
  await queue.waitUntilReady();
  const drain = await measureDrain(redis, jobs, async () => {
    for (let start = 0; start < jobs; start += SIZE) {
      const page = Array.from({ length: Math.min(SIZE, jobs - start) }, (_, i) => ({
        name: 'job',
        data: PAYLOAD,
        opts: { jobId: `j-${start + i}` },
      }));
      if (adder === 'queue.addBulk()') await queue.addBulk(page);
      else await addBulk(queue, page, { lean: adder === 'addBulk(), lean' });
    }
  });
  await queue.close();
  return drain;
}
