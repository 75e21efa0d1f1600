import { once } from 'node:events';
// oxlint-disable-next-line no-restricted-imports -- that a paused one takes nothing has no event
import { setTimeout as nothingHappensFor } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';
import { FlowProducer, UnrecoverableError } from 'bullmq';

import { batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`aborted: ${String(signal.reason)}`)));
  });

describe.each(DRIVERS)('the life of a batch worker (%s)', (driver) => {
  test('a paused queue and a paused worker take nothing, and go on when resumed', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    let done = 0;
    await bundle.queue.pause();
    const worker = bundle.worker(async ({ size }) => void (done += size), {
      batch: { size: 5, concurrency: 2 },
    });
    await bundle.add(20);
    await nothingHappensFor(150);
    expect(done).toBe(0);
    await bundle.queue.resume();
    await until(() => done === 20, { what: 'the first 20' });
    await worker.pause();
    await bundle.add(10);
    await nothingHappensFor(150);
    expect(done).toBe(20);
    expect(worker.isPaused()).toBe(true);
    await worker.resume();
    await until(() => done === 30, { what: 'the other 10' });
  });

  test('pause(true) does not wait for batches, and a resume fetches before they end', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(20);
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    let [begun, done] = [0, 0];
    const worker = bundle.worker(
      async ({ size }) => {
        begun += 1;
        if (begun <= 2) await gate;
        done += size;
      },
      { batch: { size: 10, concurrency: 3 } },
    );
    await until(() => begun === 2, { what: 'two batches' });
    await worker.pause(true);
    expect([worker.isPaused(), done]).toEqual([true, 0]);
    await bundle.add(10);
    await worker.resume();
    await until(() => begun === 3, { what: 'a third batch' });
    open();
    await until(() => done === 30, { what: 'all done' });
  });

  test('close waits for what is in hand and leaves nothing active', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(60);
    let begun = 0;
    const { promise: closing, resolve: finish } = Promise.withResolvers<void>();
    const worker = bundle.worker(
      async () => {
        begun += 1;
        await closing;
      },
      { batch: { size: 20, concurrency: 2 } },
    );
    await until(() => begun === 2, { what: 'two batches' });
    const closed = worker.close();
    finish();
    await closed;
    expect(await bundle.counts()).toMatchObject({ active: 0, completed: 40, waiting: 20 });
  });

  test('past its deadline close aborts, keeps what was decided, and puts the rest back in order', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(30, { attempts: 1 });
    const worker = bundle.worker(
      async ({ entries }, signal) => {
        entries[0]?.complete('done');
        await aborted(signal);
      },
      { batch: { size: 20, closeTimeout: 100 } },
    );
    await once(worker, 'active');
    await worker.close();
    expect(await bundle.counts()).toEqual({
      active: 0,
      completed: 1,
      failed: 0,
      waiting: 29,
      delayed: 0,
    });
    const waiting = await bundle.queue.getWaiting();
    expect(waiting.map(({ data }) => data.i)).toEqual(Array.from({ length: 29 }, (_, k) => k + 1));
    expect(new Set(waiting.map(({ attemptsMade }) => attemptsMade))).toEqual(new Set([0]));
  });

  test('a processor that ignores the abort does not keep close from ending', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(2);
    const { promise: never, resolve: end } = Promise.withResolvers<void>();
    const worker = bundle.worker(() => never, { batch: { size: 2, closeTimeout: 50 } });
    await once(worker, 'active');
    await worker.close();
    expect(await bundle.counts()).toMatchObject({ active: 2 });
    end();
  });

  test('cancelJob aborts one entry and no other', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(5, { attempts: 1 });
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
    const worker = bundle.worker(
      async ({ entries }) => {
        if (entries.length === 5) begin();
        await Promise.all(
          entries.map(async (entry) => {
            entry.signal.addEventListener('abort', () => cancel());
            await cancelled;
            const reason = `cancelled: ${String(entry.signal.reason)}`;
            if (entry.signal.aborted) entry.fail(new UnrecoverableError(reason));
          }),
        );
      },
      { batch: { size: 5 } },
    );
    await begun;
    expect(worker.cancelJob('3', 'user')).toBe(true);
    await until(async () => (await bundle.counts()).completed === 4, { what: 'four completed' });
    expect((await bundle.queue.getJob('3'))?.failedReason).toBe('cancelled: user');
  });

  test('locks are renewed for as long as a batch runs: no job stalls or runs twice', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const { promise: outlived, resolve: outlive } = Promise.withResolvers<void>();
    const times = { lockDuration: 4_000, stalledInterval: 500 };
    const first = bundle.worker(() => outlived, { batch: { size: 50 }, ...times });
    let renewed = 0;
    first.on('locksRenewed', ({ count }) => {
      renewed += count;
      // The third time, each at half of the lock's life: without the first two it would have ended.
      if (renewed >= 150) outlive();
    });
    await bundle.add(50);
    await until(async () => (await bundle.counts()).active === 50, { what: 'all active' });
    // Takes what has stalled, and would complete it.
    bundle.worker(async () => undefined, { batch: { size: 50 }, ...times });
    await until(async () => (await bundle.counts()).completed === 50, { what: 'all completed' });
    const jobs = await bundle.queue.getCompleted();
    expect(new Set(jobs.map(({ attemptsStarted }) => attemptsStarted))).toEqual(new Set([1]));
  });

  test('a lost lock aborts the batch, its outcome is ignored, and the other worker wins', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(10, { attempts: 1 });
    const { promise: reason, resolve: onAbort } = Promise.withResolvers<unknown>();
    const times = { lockDuration: 600, stalledInterval: 200, maxStalledCount: 3 };
    const first = bundle.worker(
      async ({ entries }, signal) => {
        signal.addEventListener('abort', () => onAbort(signal.reason));
        await bundle.redis.del(
          ...entries.map(({ job }) => `${bundle.queue.toKey(job.id ?? '')}:lock`),
        );
        await reason;
        await until(async () => (await bundle.counts()).completed === 10, {
          what: 'the other worker',
        });
        return entries.map(() => 'zombie');
      },
      { batch: { size: 10 }, ...times },
    );
    let completedByFirst = 0;
    first.on('completed', () => (completedByFirst += 1));
    await until(async () => (await bundle.counts()).active === 10, { what: 'active' });
    bundle.worker(async ({ entries }) => entries.map(() => 'second'), {
      batch: { size: 10 },
      ...times,
    });
    expect(await reason).toBe('lock lost');
    await first.close();
    const jobs = await bundle.queue.getCompleted();
    expect(new Set(jobs.map(({ returnvalue }) => String(returnvalue)))).toEqual(
      new Set(['second']),
    );
    expect(completedByFirst).toBe(0);
  });

  test('a job that stalled or started too often never reaches the processor', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(2, { attempts: 9 });
    await bundle.redis.hset(
      bundle.queue.toKey('1'),
      'defa',
      'job stalled more than allowable limit',
    );
    await bundle.redis.hset(bundle.queue.toKey('2'), 'ats', 5);
    let seen = 0;
    bundle.worker(async ({ size }) => void (seen += size), {
      batch: { size: 5 },
      maxStartedAttempts: 3,
    });
    await until(async () => (await bundle.counts()).failed === 2, { what: 'both failed' });
    expect(seen).toBe(0);
    expect((await bundle.queue.getJob('2'))?.failedReason).toBe(
      'job started more than allowable limit',
    );
  });

  test('a job scheduler goes on', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    let ticks = 0;
    bundle.worker(async ({ size }) => void (ticks += size), { batch: { size: 5 } });
    await bundle.queue.upsertJobScheduler('s', { every: 100 }, { name: 'tick', data: { i: 0 } });
    await until(() => ticks >= 4, { what: 'four ticks' });
    expect(await bundle.queue.removeJobScheduler('s')).toBe(true);
  });

  test('a parent runs after its children, with their results', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const flows = new FlowProducer({ connection: bundle.connection, prefix: bundle.prefix });
    let values: unknown[] = [];
    bundle.worker(
      async ({ entries }) => {
        const parent = entries.find(({ job }) => job.name === 'parent');
        if (parent) values = Object.values(await parent.job.getChildrenValues());
        return entries.map(({ job }) => job.name);
      },
      { batch: { size: 10 } },
    );
    const children = ['a', 'b', 'c'].map((name) => ({ name, queueName: 'jobs' }));
    await flows.add({ name: 'parent', queueName: 'jobs', children });
    await until(async () => (await bundle.counts()).completed === 4, { what: 'all completed' });
    expect(new Set(values)).toEqual(new Set(['a', 'b', 'c']));
    await flows.close();
  });

  test('metrics count, and keep options decide what stays, per job', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.queue.addBulk([
      ...Array.from({ length: 10 }, (_, i) => ({
        name: 'job',
        data: { i },
        opts: { attempts: 1 },
      })),
      { name: 'job', data: { i: 10 }, opts: { removeOnComplete: false } },
      { name: 'job', data: { i: 11 }, opts: { removeOnFail: true } },
    ]);
    bundle.worker(
      async ({ entries }) => {
        for (const entry of entries) if (entry.data.i % 11 === 0) entry.fail(new Error('x'));
      },
      { batch: { size: 20 }, removeOnComplete: { count: 3 }, metrics: { maxDataPoints: 5 } },
    );
    await until(
      async () => (await bundle.counts()).active === 0 && (await bundle.counts()).waiting === 0,
      {
        what: 'all final',
      },
    );
    await until(async () => (await bundle.queue.getMetrics('completed')).meta.count === 10, {
      what: 'metrics',
    });
    await until(async () => (await bundle.queue.getMetrics('failed')).meta.count === 2, {
      what: 'metrics of failures',
    });
    await bundle.countsBecome({ failed: 1 });
    // The last of the batch keeps all, the ones before it kept three.
    expect((await bundle.counts()).completed).toBeLessThanOrEqual(4);
  });

  test("telemetry gets a span for the batch and BullMQ's own for each job", async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const spans: Record<string, number> = {};
    const span = {
      setSpanOnContext: (context: unknown) => context,
      setAttribute: () => undefined,
      setAttributes: () => undefined,
      addEvent: () => undefined,
      recordException: () => undefined,
      end: () => undefined,
    };
    const telemetry = {
      tracer: {
        startSpan: (name: string) => {
          const operation = name.split(' ')[0] ?? '';
          spans[operation] = (spans[operation] ?? 0) + 1;
          return span;
        },
      },
      contextManager: {
        active: () => ({}),
        with: (_context: unknown, run: () => unknown) => run(),
        getMetadata: () => 'm',
        fromMetadata: () => ({}),
      },
    };
    await bundle.add(20, { attempts: 1 });
    bundle.worker(async ({ entries }) => entries[0]?.fail(new Error('x')) as undefined, {
      batch: { size: 10 },
      telemetry: telemetry as never,
    });
    await until(async () => (await bundle.counts()).completed === 18, { what: 'all final' });
    expect(spans).toMatchObject({ processBatch: 2, complete: 18, fail: 2 });
  });

  test('many small batches of mixed outcomes at once leave nothing behind', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(600);
    const out = bundle.otherQueue('out');
    let runs = 0;
    bundle.worker(
      async ({ entries }) => {
        const mode = runs++ % 3;
        for (const entry of entries) {
          if (mode === 0) entry.enqueue(out, 'next', 1, { jobId: `o-${entry.job.id}` });
          const isFirst = entry.job.attemptsStarted === 1;
          if (mode === 1 && isFirst && entry.data.i % 25 === 0) entry.nack();
        }
      },
      { batch: { size: 3, concurrency: 20 } },
    );
    const left = bundle.countsBecome({ completed: 600, active: 0, waiting: 0 });
    await expect(left).resolves.toBeUndefined();
  });
});
