import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';

import { type BatchBundle, batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

/** What may be wrong with the hash of a job. */
const DAMAGES: Record<string, (redis: Redis, key: string) => Promise<unknown>> = {
  'data that is not JSON': (redis, key) => redis.hset(key, 'data', '{"v":'),
  'data that is empty JSON of another kind': (redis, key) => redis.hset(key, 'data', '[[[['),
  'options that are not JSON': (redis, key) => redis.hset(key, 'opts', '{"attempts":'),
  'options that are null': (redis, key) => redis.hset(key, 'opts', 'null'),
  'progress that is not JSON': (redis, key) => redis.hset(key, 'progress', '{'),
};

/** What BullMQ's scripts themselves stumble over; on the public API there is no way to take such a job. */
const SCRIPT_DAMAGES: typeof DAMAGES = {
  'a start counter that is no number': (redis, key) => redis.hset(key, 'ats', 'x'),
  'an attempt counter that is no number': (redis, key) => redis.hset(key, 'atm', 'x'),
  'a stall counter that is no number': (redis, key) => redis.hset(key, 'stc', 'x'),
  'a key that is no hash': async (redis, key) => {
    await redis.del(key);
    await redis.set(key, 'x');
  },
};

/** Jobs 1 to 5, the third damaged: what ran, and why the third failed. */
async function damaged(
  bundle: BatchBundle,
  damage: (redis: Redis, key: string) => Promise<unknown>,
  size: number,
) {
  await bundle.add(5, { attempts: 4 });
  await damage(bundle.redis, bundle.queue.toKey('3'));
  const ran: string[] = [];
  const failed: string[] = [];
  const worker = bundle.worker(
    async ({ entries }) => {
      for (const entry of entries) {
        ran.push(entry.job.id ?? '');
        entry.complete();
      }
    },
    { batch: { size, lean: size > 1 } },
  );
  worker.on('failed', (job, { message }) => failed.push(`${job?.id} ${message}`));
  return { ran, failed };
}

describe.each(DRIVERS)('a job that can not be read (%s)', (driver) => {
  const cases = [
    ...Object.entries(DAMAGES).flatMap(([name, damage]) =>
      [10, 1].map((size) => [name, size, damage] as const),
    ),
    ...(driver === 'scripts'
      ? Object.entries(SCRIPT_DAMAGES).map(([name, damage]) => [name, 10, damage] as const)
      : []),
  ];

  test.each(cases)('%s: it alone is a dead letter, in batches of %i', async (_, size, damage) => {
    await using bundle = await batchBundle(server.get(), driver);
    const { ran, failed } = await damaged(bundle, damage, size);

    await until(async () => (await bundle.counts()).completed + failed.length === 5, {
      what: 'all five are final',
    });
    expect(ran.toSorted()).toEqual(['1', '2', '4', '5']);
    expect(failed).toEqual(['3 job_unreadable']);
    // Those that come after it, too.
    await bundle.add(3);
    await bundle.countsBecome({ completed: 7, active: 0, waiting: 0, failed: 1, delayed: 0 });
    const letter = await bundle.redis.hget(bundle.queue.toKey('3'), 'failedReason');
    expect(letter).toBe('job_unreadable');
    expect(await bundle.redis.keys(`${bundle.queue.toKey('')}*:lock`)).toEqual([]);
  });

  test('one whose hash is gone is handed over as nothing, and its neighbours as they are', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(5);
    await bundle.redis.del(bundle.queue.toKey('3'));
    const seen: unknown[] = [];
    bundle.worker(
      async ({ entries }) => {
        for (const entry of entries) {
          seen.push(entry.data);
          if (entry.data.i === undefined) entry.fail(new Error('payload_invalid'));
          else entry.complete();
        }
      },
      { batch: { size: 10, lean: true } },
    );
    await until(
      async () => {
        const { completed, failed } = await bundle.counts();
        return completed + failed === 5;
      },
      { what: 'all five are final' },
    );
    expect(seen).toEqual([{ i: 0 }, { i: 1 }, {}, { i: 3 }, { i: 4 }]);
    expect(await bundle.counts()).toMatchObject({ completed: 4, failed: 1, active: 0 });
  });
});

test('negative control: who reads a batch as BullMQ does has all five in hand, and none to work on', async () => {
  await using bundle = await batchBundle(server.get(), 'public');
  await bundle.add(5, { attempts: 4 });
  await bundle.redis.hset(bundle.queue.toKey('3'), 'data', '{"v":');
  const { connection, prefix } = bundle;
  const worker = new Worker('jobs', null, { connection, prefix, autorun: false });
  const batch = Array.from({ length: 5 }, () => worker.getNextJob('token', { block: false }));
  await expect(Promise.all(batch)).rejects.toThrow(/JSON/);
  await bundle.countsBecome({ active: 5, waiting: 0, completed: 0, failed: 0 });
  await worker.close();
});
