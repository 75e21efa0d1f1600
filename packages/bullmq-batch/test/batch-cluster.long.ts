import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';
import { Queue } from 'bullmq';

import { BatchWorker } from '../src/index.ts';
import { DRIVERS } from './batch-bundle.ts';
import { startCluster } from './redis-cluster.ts';

interface Run {
  prefixIn: string;
  prefixOut: string;
  jobs: number;
  /** called when a third of the jobs is done */
  disturb?: () => Promise<void>;
}

async function handOverAll(
  cluster: Awaited<ReturnType<typeof startCluster>>,
  driver: (typeof DRIVERS)[number],
  { prefixIn, prefixOut, jobs, disturb }: Run,
): Promise<{ ran: string[]; out: string[]; completed: number; failed: number; errors: string[] }> {
  const connection = cluster.client();
  const queue = new Queue<{ i: number }>('in', { connection, prefix: prefixIn });
  const out = new Queue('out', { connection, prefix: prefixOut });
  for (const one of [queue, out]) one.on('error', () => undefined);
  await queue.addBulk(
    Array.from({ length: jobs }, (_, i) => ({ name: 'job', data: { i }, opts: { attempts: 1 } })),
  );
  const [ran, errors]: [string[], string[]] = [[], []];
  const worker = new BatchWorker<{ i: number }>(
    'in',
    async ({ entries }) => {
      for (const entry of entries) {
        ran.push(entry.job.id ?? '');
        entry.enqueue(out, 'next', entry.data, { jobId: `o-${entry.job.id}` });
        entry.complete();
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    },
    {
      connection,
      prefix: prefixIn,
      drainDelay: 1,
      lockDuration: 6_000,
      stalledInterval: 1_000,
      batch: { size: 20, concurrency: 2, driver },
    },
  );
  worker.on('error', ({ message }) => errors.push(message));
  if (disturb) {
    await until(() => ran.length > jobs / 3, { what: 'a third is done' });
    await disturb();
  }
  const counts = await until(
    async () => {
      const { completed = 0, failed = 0 } = await queue.getJobCounts('completed', 'failed');
      return completed + failed === jobs ? { completed, failed } : null;
    },
    { what: 'all jobs are final' },
  );
  const waiting = await out.getWaiting();
  const blocking = await worker.getBackend().blockingClient;
  const closing = worker.close();
  // It ends it by QUIT only, and waits for the answer of a node that is dead for ever.
  blocking?.disconnect();
  // In three of a hundred BullMQ waits for an end that has been: the client was set back to another state when its last
  // node went (bullmq 6.7.0, ioredis 5.11.1).
  const told = setInterval(() => blocking?.emit('end'), 1_000);
  await closing;
  clearInterval(told);
  await Promise.all([queue.close(), out.close()]);
  return { ran, out: waiting.map(({ id }) => id ?? ''), errors, ...counts };
}

describe.each(DRIVERS)('a Cluster of three (%s)', (driver) => {
  test('queues of one hash tag hand over in one slot, others in two steps: each once', async () => {
    await using cluster = await startCluster();
    for (const [prefixIn, prefixOut] of [
      ['{s0}', '{s0}'],
      ['{left}', '{right}'],
    ] as const) {
      const { out, completed, errors } = await handOverAll(cluster, driver, {
        prefixIn,
        prefixOut,
        jobs: 300,
      });
      expect(errors).toEqual([]);
      expect(completed).toBe(300);
      expect(new Set(out).size).toBe(300);
      expect(out).toHaveLength(300);
    }
  });

  test('negative control: a prefix without a hash tag cannot work there', async () => {
    await using cluster = await startCluster();
    const connection = cluster.client();
    const queue = new Queue('in', { connection, prefix: 'bull' });
    queue.on('error', () => undefined);
    await expect(queue.add('job', {})).rejects.toThrow(/CROSSSLOT/);
    await queue.close();
  });

  test('a failover in mid-batch loses no job, fails none, and hands each over once', async () => {
    await using cluster = await startCluster();
    const { ran, out, completed, failed } = await handOverAll(cluster, driver, {
      prefixIn: '{s0}',
      prefixOut: '{s0}',
      jobs: 3_000,
      disturb: () => cluster.killPrimaryOf('{s0}'),
    });
    expect({ completed, failed }).toEqual({ completed: 3_000, failed: 0 });
    expect(new Set(ran).size).toBe(3_000);
    expect(new Set(out).size).toBe(3_000);
    expect(out).toHaveLength(3_000);
  });
});
