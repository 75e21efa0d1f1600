import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';
import { UnrecoverableError, WaitingError, Worker } from 'bullmq';

import { batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

test.each([true, false])(
  'what goes first does not wait for those that all other places are at: %j',
  async (reserve) => {
    await using bundle = await batchBundle(server.get(), 'scripts');
    await bundle.add(40);
    const held = Promise.withResolvers<void>();
    const quick: number[] = [];
    bundle.worker(
      async ({ entries }) => {
        const first = entries.filter(({ job }) => job.opts.lifo).map(({ data }) => data.i);
        quick.push(...first);
        if (first.length === 0) await held.promise;
      },
      { batch: { size: 10, concurrency: 3, reserve } },
    );
    await bundle.countsBecome(reserve ? { active: 20, waiting: 20 } : { active: 30, waiting: 10 });
    await bundle.add(3, { lifo: true });
    if (reserve) {
      await until(() => quick.length === 3, { what: 'they ran' });
      await bundle.countsBecome({ active: 20, waiting: 20, completed: 3 });
      await bundle.add(1, { lifo: true });
      await until(() => quick.length === 4, { what: 'the next one ran' });
    }
    expect(quick).toHaveLength(reserve ? 4 : 0);
    held.resolve();
    await bundle.countsBecome({ completed: reserve ? 44 : 43, active: 0, waiting: 0 });
  },
);

describe.each(DRIVERS)('outcomes of a batch (%s)', (driver) => {
  test('flush ends what is decided, each once, while the rest of the batch is in hand', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const out = bundle.otherQueue('out');
    await bundle.add(6, { attempts: 2 });
    const held = Promise.withResolvers<void>();
    const runs: number[] = [];
    const worker = bundle.worker(
      async (batch) => {
        runs.push(...batch.entries.map(({ data }) => data.i));
        const [done, failed, delayed, nacked] = batch.entries;
        if (batch.size < 6) return;
        done?.enqueue(out, 'x', 1, { jobId: 'handed-over' });
        done?.complete();
        failed?.fail(new UnrecoverableError('no'));
        delayed?.delay(60_000);
        nacked?.nack();
        await Promise.all([batch.flush(), batch.flush()]);
        await held.promise;
      },
      { batch: { size: 10, concurrency: 2 } },
    );
    const ended: string[] = [];
    worker.on('completed', ({ data }) => ended.push(`completed ${data.i}`));
    worker.on('failed', (job) => ended.push(`failed ${job?.data.i}`));
    // What was nacked runs in another batch meanwhile.
    await bundle.countsBecome({ completed: 2, failed: 1, delayed: 1, active: 2, waiting: 0 });
    expect(await out.getWaitingCount()).toBe(1);
    held.resolve();
    await bundle.countsBecome({ completed: 4, failed: 1, delayed: 1, active: 0, waiting: 0 });
    const done = [0, 3, 4, 5].map((i) => `completed ${i}`);
    expect(ended.toSorted()).toEqual([...done, 'failed 1']);
    expect(runs.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 3, 4, 5]);
    expect(worker.errors).toEqual([]);
  });

  test('gives each job its own: done, backoff, delay with and without an attempt, never again, nacked', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const { queue } = bundle;
    await bundle.add(7, { attempts: 3, backoff: { type: 'exponential', delay: 100 } });
    const runs: number[][] = Array.from({ length: 7 }, () => []);
    bundle.worker(
      async ({ entries }) => {
        for (const entry of entries) {
          const { i } = entry.data;
          const times = runs[i]?.push(Date.now()) ?? 0;
          if (i === 1) entry.fail(new Error('always'));
          if (i === 2) entry.fail(new UnrecoverableError('no'));
          if (i === 3 && times === 1) entry.fail(new Error('429'), { delay: 350 });
          if (i === 4 && times < 3) entry.delay(50);
          if (i === 5 && times < 3) entry.nack();
        }
        return entries.map(({ data }) => `r${data.i}`);
      },
      { batch: { size: 10 } },
    );
    await until(
      async () => {
        const { completed, failed } = await bundle.counts();
        return completed + failed === 7;
      },
      { what: 'all jobs are final' },
    );

    const [always, never, retried, snoozed, nacked, done] = await Promise.all(
      ['2', '3', '4', '5', '6', '7'].map((id) => queue.getJob(id)),
    );
    expect(runs.map((times) => times.length)).toEqual([1, 3, 1, 2, 3, 3, 1]);
    expect(always).toMatchObject({ attemptsMade: 3, failedReason: 'always' });
    expect(always?.stacktrace).toHaveLength(3);
    expect(never).toMatchObject({ attemptsMade: 1, failedReason: 'no' });
    expect(retried).toMatchObject({ attemptsMade: 2, attemptsStarted: 2 });
    expect(snoozed).toMatchObject({ attemptsMade: 1, attemptsStarted: 3 });
    expect(nacked).toMatchObject({ attemptsMade: 1, attemptsStarted: 3 });
    expect(done).toMatchObject({ returnvalue: 'r6', attemptsMade: 1 });
    const gap = (i: number, k: number): number => (runs[i]?.[k] ?? 0) - (runs[i]?.[k - 1] ?? 0);
    expect(gap(1, 1)).toBeGreaterThanOrEqual(95);
    expect(gap(1, 2)).toBeGreaterThanOrEqual(195);
    expect(gap(3, 1)).toBeGreaterThanOrEqual(345);
  });

  test('keeps what was decided when the processor throws, and fails the rest', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(4, { attempts: 1 });
    bundle.worker(
      async ({ entries }) => {
        entries[0]?.complete('early');
        throw new Error('whole batch');
      },
      { batch: { size: 10 } },
    );
    await bundle.countsBecome({ completed: 1, failed: 3, active: 0 });
    expect((await bundle.queue.getJob('1'))?.returnvalue).toBe('early');
  });

  test.each([
    ['a RateLimitError', () => Worker.RateLimitError()],
    ['a WaitingError', () => new WaitingError()],
  ])('nacks the jobs of a processor that throws %s', async (_, error) => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(3, { attempts: 1 });
    let runs = 0;
    bundle.worker(
      async () => {
        runs += 1;
        if (runs === 1) throw error();
      },
      { batch: { size: 3 } },
    );
    await until(async () => (await bundle.counts()).completed === 3, { what: '3 completed' });
    expect((await bundle.queue.getJob('1'))?.attemptsMade).toBe(1);
  });

  test('takes the oldest first, then by priority, and a delayed job when it is due', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const jobs: [i: number, opts: object][] = [
      [50, { priority: 5 }],
      [10, { priority: 1 }],
      [99, { delay: 400 }],
      [1, {}],
      [2, {}],
      [11, { priority: 1 }],
    ];
    await bundle.queue.addBulk(jobs.map(([i, opts]) => ({ name: 'job', data: { i }, opts })));
    const got: number[] = [];
    bundle.worker(async ({ entries }) => void got.push(...entries.map(({ data }) => data.i)), {
      batch: { size: 10 },
      drainDelay: 5,
    });
    await until(() => got.length === 6, { what: 'all ran' });
    expect(got).toEqual([1, 2, 10, 11, 50, 99]);
  });

  test('nack puts jobs back where they were', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(10);
    const got: number[] = [];
    let first = true;
    bundle.worker(
      async ({ entries }) => {
        if (first) {
          first = false;
          for (const entry of entries.slice(2, 6)) entry.nack();
          return;
        }
        got.push(...entries.map(({ data }) => data.i));
      },
      { batch: { size: 8 } },
    );
    await until(() => got.length === 6, { what: '6 ran again' });
    expect(got).toEqual([2, 3, 4, 5, 8, 9]);
  });

  test('fails a job whose result cannot be stored, and only that', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(3, { attempts: 1 });
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    bundle.worker(async ({ entries }) => entries[1]?.complete(circular) as undefined, {
      batch: { size: 5 },
    });
    await until(async () => (await bundle.counts()).failed === 1, { what: 'one failed' });
    await until(async () => (await bundle.counts()).completed === 2, { what: 'two completed' });
    expect((await bundle.queue.getJob('2'))?.failedReason).toMatch(/circular/);
  });

  test('an asynchronous backoff strategy is asked, and its batch waits for it', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(2, { attempts: 2, backoff: { type: 'custom' } });
    const asked: number[] = [];
    let runs = 0;
    bundle.worker(
      async () => {
        runs += 1;
        if (runs === 1) throw new Error('once');
      },
      {
        batch: { size: 2 },
        settings: {
          backoffStrategy: async (attempt) => {
            asked.push(attempt);
            await new Promise((resolve) => setImmediate(resolve));
            return 30;
          },
        },
      },
    );
    await until(async () => (await bundle.counts()).completed === 2, { what: 'both completed' });
    expect(asked).toEqual([1, 1]);
  });
});
