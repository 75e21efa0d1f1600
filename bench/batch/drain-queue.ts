import { BatchWorker } from '@ms1/bullmq-batch';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';

import { type Drain, measureDrain } from '../measure-drain.ts';

export type Contender = 'BullMQ Worker' | 'BatchWorker' | 'BatchWorker, public API';

/** batches in flight; BullMQ's Worker runs at the same number of jobs in flight */
export const IN_FLIGHT = 4;

/** about 1 KB of JSON, as an `inbound` job has */
const PAYLOAD = { v: 1, text: 'x'.repeat(1_000) };

/** Fills a queue, then measures one worker that empties it without doing anything with the jobs. */
export async function drainQueue(
  redis: Redis,
  contender: Contender,
  { size, jobs }: { size: number; jobs: number },
): Promise<Drain> {
  await redis.flushall();
  const base = { connection: redis, prefix: '{bench}' };
  const queue = new Queue('jobs', base);
  const opts = {
    attempts: 5,
    backoff: { type: 'exponential', delay: 1_000 },
    removeOnComplete: true,
  };
  for (let i = 0; i < jobs; i += 500) {
    const count = Math.min(500, jobs - i);
    await queue.addBulk(
      Array.from({ length: count }, () => ({ name: 'job', data: PAYLOAD, opts })),
    );
  }
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  let left = jobs;
  const worker = createWorker(contender, base, size);
  worker.on('completed', () => {
    left -= 1;
    if (left === 0) finish();
  });
  worker.on('error', (error) => console.error(error));
  await worker.waitUntilReady();
  let running = Promise.resolve();
  const drain = await measureDrain(redis, jobs, async () => {
    running = worker.run();
    await done;
  });
  await worker.close();
  await running;
  await queue.close();
  return drain;
}

function createWorker(
  contender: Contender,
  base: { connection: Redis; prefix: string },
  size: number,
): Worker {
  if (contender === 'BullMQ Worker') {
    return new Worker('jobs', async () => 'ok', {
      ...base,
      autorun: false,
      concurrency: size * IN_FLIGHT,
    });
  }
  const driver = contender === 'BatchWorker' ? 'scripts' : 'public';
  const batch = { size, concurrency: IN_FLIGHT, driver } as const;
  return new BatchWorker('jobs', async ({ entries }) => entries.map(() => 'ok'), {
    ...base,
    autorun: false,
    batch,
  }) as Worker;
}
