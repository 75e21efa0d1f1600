// Waits for a fixed time: in which company would show.
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { type BatchBundle, batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

/** As if the worker of this job had died so often. */
const died = (bundle: BatchBundle, jobId: string, times: number): Promise<number> =>
  bundle.redis.hset(bundle.queue.toKey(jobId), 'stc', times);

describe.each(DRIVERS)('jobs whose worker has died (%s)', (driver) => {
  test('share smaller batches: a quarter for each death', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(40);
    for (let id = 1; id <= 8; id += 1) await died(bundle, String(id), 1);
    for (let id = 9; id <= 12; id += 1) await died(bundle, String(id), 2);
    const batches: number[][] = [];
    bundle.worker(async ({ entries }) => void batches.push(entries.map(({ data }) => data.i)), {
      batch: { size: 16 },
    });
    await until(async () => (await bundle.counts()).completed === 40, { what: 'all completed' });
    expect(batches.map((batch) => batch.length)).toEqual([4, 4, 1, 1, 1, 1, 16, 12]);
    expect(batches.flat()).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  test.each([1, 4])(
    'run alone in their process on the last chance (batches of %i)',
    async (size) => {
      await using bundle = await batchBundle(server.get(), driver);
      await bundle.add(24, { attempts: 1 });
      await died(bundle, '10', 3);
      let running = 0;
      const company: number[] = [];
      bundle.worker(
        async ({ entries }) => {
          running += entries.length;
          await wait(15);
          if (entries.some(({ job }) => job.id === '10')) company.push(running);
          running -= entries.length;
        },
        { batch: { size, concurrency: 3 }, maxStalledCount: 3 },
      );
      await until(async () => (await bundle.counts()).completed === 24, { what: 'all completed' });
      expect(company).toEqual([1]);
    },
  );
});

test('negative control: without isolation the last chance has company', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  await bundle.add(8);
  await died(bundle, '2', 3);
  const company: number[] = [];
  bundle.worker(
    async ({ entries, size }) => {
      if (entries.some(({ job }) => job.id === '2')) company.push(size);
    },
    { batch: { size: 8, isolateStalled: false }, maxStalledCount: 3 },
  );
  await until(() => company.length === 1, { what: 'it ran' });
  expect(company).toEqual([8]);
});
