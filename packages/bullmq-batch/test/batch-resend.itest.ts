import { describe, expect, test } from '@jest/globals';
import { openFaultLine, until } from '@ms1/testkit';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';

import { BatchWorker } from '../src/index.ts';
import { batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

/** BullMQ re-sends what a dead connection did not answer; the first run has settled the job, the second finds no lock. */
const FALSE_ALARM = /Missing lock|Lock mismatch|Missing key/;

describe.each(DRIVERS)('a settlement that is sent twice (%s)', (driver) => {
  test.each([{ size: 20 }, { size: 1 }])(
    'is recognised: no false alarm, everything once (batches of $size)',
    async ({ size }) => {
      await using bundle = await batchBundle(server.get(), driver);
      await using line = await openFaultLine({ port: server.get().port });
      const connection = new Redis(line.port, {
        maxRetriesPerRequest: null,
        retryStrategy: () => 10,
      });
      connection.on('error', () => undefined);
      const out = bundle.otherQueue('out');
      const jobs = size * 8;
      await bundle.add(jobs, { attempts: 1 });
      const [errors, completed, ran] = [[] as string[], [] as string[], [] as string[]];
      let batches = 0;
      const worker = new BatchWorker<{ i: number }, string>(
        'jobs',
        async ({ entries }) => {
          const cut = batches++ % 3 === 1;
          if (cut) line.loseAnswers(1, `CUT${batches}`);
          for (const entry of entries) {
            ran.push(entry.job.id ?? '');
            if (size > 1) entry.enqueue(out, 'next', 1, { jobId: `o-${entry.job.id}` });
            entry.complete(cut ? `CUT${batches}` : 'ok');
          }
        },
        // What a run that was cut has fetched is processed at once, so the lock is never waited for.
        {
          connection,
          prefix: bundle.prefix,
          drainDelay: 1,
          lockDuration: driver === 'public' ? 1_000 : 60_000,
          stalledInterval: 300,
          batch: { size, driver },
        },
      );
      worker.on('error', (error) => errors.push(error.message));
      worker.on('completed', (job) => completed.push(job.id ?? ''));
      await until(async () => (await bundle.counts()).completed === jobs, {
        what: 'all completed',
      });
      await until(() => completed.length >= jobs, { what: 'all said to be completed' });
      expect(line.harm.lostAnswers).toBeGreaterThanOrEqual(2);
      expect(errors.filter((message) => FALSE_ALARM.test(message))).toEqual([]);
      expect(completed.toSorted()).toEqual([...new Set(completed)].toSorted());
      expect(ran).toHaveLength(jobs);
      expect(await out.getWaitingCount()).toBe(size > 1 ? jobs : 0);
      await worker.close();
      connection.disconnect();
    },
  );
});

test("negative control: BullMQ's own Worker raises the false alarm", async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  await using line = await openFaultLine({ port: server.get().port });
  const connection = new Redis(line.port, { maxRetriesPerRequest: null, retryStrategy: () => 10 });
  connection.on('error', () => undefined);
  await bundle.add(4, { attempts: 1 });
  const errors: string[] = [];
  let runs = 0;
  const worker = new Worker(
    'jobs',
    async () => {
      runs += 1;
      if (runs === 2) line.loseAnswers(1, 'CUT');
      return runs === 2 ? 'CUT' : 'ok';
    },
    { connection, prefix: bundle.prefix, drainDelay: 1, lockDuration: 1_000, stalledInterval: 300 },
  );
  worker.on('error', (error) => errors.push(error.message));
  // The connection's own end is the first error.
  await until(() => errors.length > 1, { what: 'the alarm' });
  expect(errors).toContainEqual(expect.stringMatching(FALSE_ALARM));
  await worker.close(true);
  connection.disconnect();
});
