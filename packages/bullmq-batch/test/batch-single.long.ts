import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';
import { FlowProducer, Queue } from 'bullmq';

import { batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

describe.each(DRIVERS)('batches of one (%s)', (driver) => {
  test('a parent runs after its children, with their results', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const flows = new FlowProducer({ connection: bundle.connection, prefix: bundle.prefix });
    let values: unknown[] = [];
    bundle.worker(
      async ({ jobs: [job] }) => {
        if (job?.name === 'parent') values = Object.values(await job.getChildrenValues());
        return [job?.name];
      },
      { batch: { size: 1 } },
    );
    const children = ['a', 'b', 'c'].map((name) => ({ name, queueName: 'jobs' }));
    await flows.add({ name: 'parent', queueName: 'jobs', children });
    await until(async () => (await bundle.counts()).completed === 4, { what: 'all completed' });
    expect(new Set(values)).toEqual(new Set(['a', 'b', 'c']));
    await flows.close();
  });

  test('a deduplicated job that came while one was active runs after it, once, with the last data', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const seen: number[] = [];
    const { promise: added, resolve: goOn } = Promise.withResolvers<void>();
    bundle.worker(
      async ({ entries: [entry] }) => {
        seen.push(entry?.data.i ?? -1);
        await added;
      },
      { batch: { size: 1 } },
    );
    const add = (i: number): Promise<unknown> =>
      bundle.queue.add('job', { i }, { deduplication: { id: 'd', keepLastIfActive: true } });
    await add(1);
    await until(() => seen.length === 1, { what: 'the first is active' });
    await add(2);
    await add(3);
    goOn();
    await until(async () => (await bundle.counts()).completed === 2, { what: 'both completed' });
    expect(seen).toEqual([1, 3]);
  });

  test('metrics count every job, and a count of completed jobs to keep holds', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(20);
    bundle.worker(async () => undefined, {
      batch: { size: 1, concurrency: 2 },
      removeOnComplete: { count: 3 },
      metrics: { maxDataPoints: 5 },
    });
    await until(async () => (await bundle.queue.getMetrics('completed')).meta.count === 20, {
      what: 'metrics',
    });
    const left = bundle.countsBecome({ completed: 3, waiting: 0, active: 0 });
    await expect(left).resolves.toBeUndefined();
  });

  test('queue.rateLimit() of somebody else is seen by the next completion, which fetches nothing', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(6);
    const order: number[] = [];
    let [heldFrom, resumedAt] = [0, 0];
    bundle.worker(
      async ({ entries: [entry] }) => {
        order.push(entry?.data.i ?? -1);
        if (heldFrom > 0) resumedAt ||= Date.now();
        if (order.length === 3) {
          heldFrom = Date.now();
          await bundle.queue.rateLimit(400);
        }
      },
      { batch: { size: 1 } },
    );
    await until(async () => (await bundle.counts()).completed === 6, { what: 'all completed' });
    expect(resumedAt - heldFrom).toBeGreaterThanOrEqual(390);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('the event stream stays within its length, give or take what approximate trimming leaves', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const queue = new Queue('jobs', {
      connection: bundle.connection,
      prefix: bundle.prefix,
      streams: { events: { maxLen: 100 } },
    });
    await queue.waitUntilReady();
    await bundle.add(400);
    bundle.worker(async () => undefined, { batch: { size: 1 } });
    await until(async () => (await bundle.counts()).completed === 400, {
      what: 'all completed',
    });
    // 100, two whole nodes of 100, and what 32 jobs leave until the next trimming: 4 entries each.
    expect(await bundle.redis.xlen(queue.toKey('events'))).toBeLessThanOrEqual(100 + 200 + 128);
    await queue.close();
  });
});
