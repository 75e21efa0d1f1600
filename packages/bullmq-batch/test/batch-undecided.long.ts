import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

describe.each(DRIVERS)('what a processor does not end (%s)', (driver) => {
  test('what it leaves undecided is nacked and reported, and completed when it decides', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(4, { attempts: 1 });
    const batches: number[][] = [];
    const worker = bundle.worker(
      async ({ entries }) => {
        batches.push(entries.map(({ data }) => data.i));
        if (batches.length > 1) return entries.map(() => 'ok');
        entries[1]?.complete('decided');
        return;
      },
      { batch: { size: 10 }, leavesOpen: true },
    );
    await until(async () => (await bundle.counts()).completed === 4, { what: 'all completed' });
    expect(batches).toEqual([
      [0, 1, 2, 3],
      [0, 2, 3],
    ]);
    expect(worker.errors).toEqual([expect.stringContaining('3 jobs undecided')]);
    expect((await bundle.queue.getJob('1'))?.attemptsMade).toBe(1);
  });

  test.each([
    ['ignores its abort', false],
    ['ends with its abort', true],
  ])(
    'the job at which it hangs and %s fails, alone: its neighbours and others go on',
    async (_, obeys) => {
      await using bundle = await batchBundle(server.get(), driver);
      await bundle.add(6, { attempts: 1 });
      const { promise: never, resolve: end } = Promise.withResolvers<void>();
      const hung: number[] = [];
      const failed: string[] = [];
      const worker = bundle.worker(
        async ({ entries, size }, signal) => {
          if (!entries.some(({ job }) => job.id === '3')) return entries.map(() => 'ok');
          hung.push(size);
          await (obeys ? once(signal, 'abort') : never);
          if (obeys) throw new Error('aborted');
          return entries.map(() => 'too late');
        },
        { batch: { size: 4, concurrency: 2, deadline: 150 }, leavesOpen: true },
      );
      worker.on('failed', (job, { message }) => failed.push(`${job?.id} ${message}`));

      const dueNow = async (): Promise<void> => {
        for (const job of await bundle.queue.getDelayed()) {
          await job.promote().catch(() => undefined);
        }
      };
      await until(
        async () => {
          await dueNow();
          return failed.length > 0;
        },
        { what: 'the one that hangs is given up' },
      );
      expect(failed).toEqual(['3 processor_overdue']);
      expect(hung).toEqual([4, 1, 1]);
      await until(async () => (await bundle.counts()).completed === 5, { what: 'neighbours' });
      await bundle.add(3);
      await bundle.countsBecome({ completed: 8, active: 0, failed: 1 });
      end();
      // What the processors that were left behind say now is not listened to.
      await wait(0);
      expect(await bundle.counts()).toMatchObject({ active: 0, waiting: 0, failed: 1, delayed: 0 });
      for (const { returnvalue } of await bundle.queue.getCompleted()) {
        expect(returnvalue).toBe('ok');
      }
    },
  );
});
