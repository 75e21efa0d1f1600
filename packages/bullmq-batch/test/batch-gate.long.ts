import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { type BatchBundle, batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

/** Three that wait for eight jobs; the sizes of the batches that any of them takes. */
function threeWorkers(bundle: BatchBundle, timeout: number): number[] {
  const sizes: number[] = [];
  for (let k = 0; k < 3; k += 1) {
    bundle.worker(async ({ size }) => void sizes.push(size), {
      batch: { size: 10, minSize: 8, timeout },
    });
  }
  return sizes;
}

describe.each(DRIVERS)('when a batch is taken (%s)', (driver) => {
  test('fewer than minSize stay in wait, unlocked, and go when they are enough', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const sizes = threeWorkers(bundle, 600_000);
    await bundle.add(7);
    await wait(150);
    expect(sizes).toEqual([]);
    expect(await bundle.counts()).toMatchObject({ waiting: 7, active: 0 });
    await bundle.add(1);
    await until(() => sizes.length === 1, { what: 'the full batch' });
    expect(sizes).toEqual([8]);
    expect((await bundle.queue.getJob('1'))?.attemptsStarted).toBe(1);
  });

  test('fewer than minSize go after the timeout, which all workers share', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const sizes = threeWorkers(bundle, 500);
    const begun = Date.now();
    await bundle.add(2);
    await until(() => sizes.length === 1, { what: 'the batch' });
    expect(sizes).toEqual([2]);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(480);
  });

  test('a partial batch goes when nothing has arrived for idle ms, and not while jobs keep coming', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const taken: { at: number; size: number }[] = [];
    bundle.worker(async ({ size }) => void taken.push({ at: Date.now(), size }), {
      batch: { size: 100, minSize: 100, timeout: 600_000, idle: 1_000 },
    });
    // Half as long again as idle ms, in steps that stay below it where the machine is busy.
    for (let k = 0; k < 25; k += 1) {
      await bundle.add(1);
      await wait(60);
    }
    const last = Date.now() - 60;
    await until(() => taken.length === 1, { what: 'the batch' });
    expect(taken[0]?.size).toBe(25);
    expect((taken[0]?.at ?? 0) - last).toBeGreaterThanOrEqual(900);
  });

  test('two workers on a steady flow send full batches only, and one rest', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const sizes: number[] = [];
    for (let k = 0; k < 2; k += 1) {
      bundle.worker(
        async ({ size }) => {
          sizes.push(size);
          await wait(20);
        },
        { batch: { size: 50, minSize: 50, timeout: 600_000, idle: 2_000, concurrency: 2 } },
      );
    }
    for (let k = 0; k < 43; k += 1) await bundle.add(12);
    await until(() => sizes.reduce((sum, size) => sum + size, 0) === 516, { what: 'all taken' });
    expect(sizes.toSorted((a, b) => b - a)).toEqual([...Array<number>(10).fill(50), 16]);
  });

  test('minSize counts delayed jobs that are due, and wakes for them', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const sizes: number[] = [];
    const begun = Date.now();
    bundle.worker(async ({ size }) => void sizes.push(size), {
      batch: { size: 10, minSize: 4 },
      // BullMQ blocks for 10 s at most.
      drainDelay: 10,
    });
    await bundle.add(2);
    await bundle.add(2, { delay: 400 });
    await until(() => sizes.length === 1, { what: 'the batch' });
    expect(sizes).toEqual([4]);
    expect(Date.now() - begun).toBeLessThan(8_000);
  });

  test('limiter counts jobs, as in BullMQ, and cuts batches short', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(60);
    const taken: { at: number; size: number }[] = [];
    const begun = Date.now();
    bundle.worker(async ({ size }) => void taken.push({ at: Date.now(), size }), {
      batch: { size: 20, concurrency: 5 },
      limiter: { max: 30, duration: 700 },
    });
    const total = (): number => taken.reduce((sum, { size }) => sum + size, 0);
    await until(() => total() === 60, { what: 'all taken' });
    const early = taken.filter(({ at }) => at - begun < 690);
    expect(early.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(30);
    expect(taken.length).toBeGreaterThanOrEqual(4);
  });

  test('batch.rateLimit stops every worker, keeps the order, and uses no attempt', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(30, { attempts: 2 });
    const calls: number[] = [];
    let limited = false;
    const startWorker = (): unknown =>
      bundle.worker(
        async (batch) => {
          calls.push(Date.now());
          if (!limited) {
            limited = true;
            batch.rateLimit(600);
          }
        },
        { batch: { size: 30 } },
      );
    startWorker();
    await until(() => limited, { what: 'the limit' });
    await until(async () => (await bundle.counts()).waiting === 30, { what: 'all back in wait' });
    const nacked = await bundle.queue.getWaiting();
    expect(nacked.map(({ data }) => data.i)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    startWorker();
    await until(async () => (await bundle.counts()).completed === 30, { what: 'all completed' });
    expect((calls[1] ?? 0) - (calls[0] ?? 0)).toBeGreaterThanOrEqual(580);
    const jobs = await bundle.queue.getCompleted();
    expect(new Set(jobs.map(({ attemptsMade }) => attemptsMade))).toEqual(new Set([1]));
  });

  test('a shorter batch.rateLimit of another worker does not end a longer one, and the queue goes on after it', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(2);
    const limits = [20_000, 100];
    const worker = () =>
      bundle.worker(
        async (batch) => {
          const ms = limits.shift();
          if (ms) batch.rateLimit(ms);
        },
        { batch: { size: 1 } },
      );
    // Both have a job in hand before the first limit is there, or the second would not be asked for.
    await bundle.queue.pause();
    worker();
    worker();
    await bundle.queue.resume();
    await until(() => limits.length === 0, { what: 'both limits' });
    await until(async () => (await bundle.counts()).waiting === 2, { what: 'both back in wait' });
    expect(await bundle.queue.getRateLimitTtl()).toBeGreaterThan(5_000);
    await bundle.queue.removeRateLimitKey();
    worker();
    await until(async () => (await bundle.counts()).completed === 2, { what: 'all completed' });
  });

  test('queue.rateLimit holds a batch worker without a limiter', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const begun = Date.now();
    await bundle.queue.rateLimit(500);
    await bundle.add(5);
    let at = 0;
    bundle.worker(
      async () => {
        at ||= Date.now();
      },
      { batch: { size: 1 } },
    );
    await until(() => at > 0, { what: 'the first batch' });
    expect(at - begun).toBeGreaterThanOrEqual(450);
  });

  test('a global concurrency counts jobs, over all workers, and leaves no hole', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.queue.setGlobalConcurrency(7);
    let [active, most, done] = [0, 0, 0];
    for (let k = 0; k < 2; k += 1) {
      bundle.worker(
        async ({ size }) => {
          active += size;
          most = Math.max(most, active);
          await wait(10);
          active -= size;
          done += size;
        },
        { batch: { size: 20 }, drainDelay: 5 },
      );
    }
    await bundle.add(140);
    await until(() => done === 140, { what: 'all done' });
    expect(most).toBeLessThanOrEqual(7);
  });
});
