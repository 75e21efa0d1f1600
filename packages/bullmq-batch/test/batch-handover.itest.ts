import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

describe.each(DRIVERS)('hand-over to another queue (%s)', (driver) => {
  test('adds the outbound jobs of completed entries, and of no other', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const out = bundle.otherQueue('out');
    await bundle.add(6, { attempts: 1 });
    bundle.worker(
      async ({ entries }) => {
        for (const entry of entries) {
          entry.enqueue(out, 'next', { from: entry.data.i }, { jobId: `o-${entry.job.id}` });
        }
        entries[1]?.fail(new Error('no'));
        entries[2]?.delay(60_000);
      },
      { batch: { size: 6 } },
    );
    await until(async () => (await bundle.counts()).completed === 4, { what: 'four completed' });
    const waiting = await out.getWaiting();
    expect(waiting.map(({ data }) => (data as { from: number }).from)).toEqual([0, 3, 4, 5]);
    expect(waiting.map(({ id }) => id)).toEqual(['o-1', 'o-4', 'o-5', 'o-6']);
  });

  test("passes on delay, priority and the queue's own defaults, several jobs an entry", async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const out = bundle.otherQueue('out');
    await bundle.add(1);
    bundle.worker(
      async ({ entries }) => {
        entries[0]?.enqueue(out, 'plain', 1, { jobId: 'a' });
        entries[0]?.enqueue(out, 'later', 2, { jobId: 'b', delay: 60_000 });
        entries[0]?.enqueue(out, 'first', 3, { jobId: 'c', priority: 2, attempts: 7 });
      },
      { batch: { size: 1 } },
    );
    await until(async () => (await bundle.counts()).completed === 1, { what: 'completed' });
    expect(await out.getJobCounts('waiting', 'delayed', 'prioritized')).toEqual({
      waiting: 1,
      delayed: 1,
      prioritized: 1,
    });
    expect((await out.getJob('c'))?.opts).toMatchObject({ attempts: 7, priority: 2 });
  });

  test('what cannot be completed or cannot be handed over fails alone, and hands over nothing', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const out = bundle.otherQueue('out');
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    await bundle.add(3, { attempts: 1 });
    bundle.worker(
      async ({ entries }) => {
        entries[0]?.enqueue(out, 'next', 1, { jobId: 'a' });
        entries[1]?.enqueue(out, 'next', circular, { jobId: 'b' });
        if (driver === 'scripts') {
          entries[2]?.enqueue(out, 'next', 1, { jobId: 'c' });
          entries[2]?.complete(circular);
        }
      },
      { batch: { size: 3 } },
    );
    const failures = driver === 'scripts' ? 2 : 1;
    await until(async () => (await bundle.counts()).failed >= failures, { what: 'the failures' });
    expect((await bundle.queue.getJob('2'))?.failedReason).toMatch(/circular|not added/);
    expect(await out.getJob('b')).toBeUndefined();
    expect(await out.getJob('c')).toBeUndefined();
  });

  test('an outbound job that is there already is not added twice', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const out = bundle.otherQueue('out');
    await out.add('next', 'first', { jobId: 'o-1' });
    await bundle.add(1);
    bundle.worker(
      async ({ entries }) =>
        entries[0]?.enqueue(out, 'next', 'second', { jobId: 'o-1' }) as undefined,
      {
        batch: { size: 5 },
      },
    );
    await until(async () => (await bundle.counts()).completed === 1, { what: 'completed' });
    expect((await out.getWaiting()).map(({ data }) => String(data))).toEqual(['first']);
  });
});

describe('the fence of a hand-over (scripts)', () => {
  test('a worker that has lost the lock adds nothing, even where it does not know', async () => {
    await using bundle = await batchBundle(server.get(), 'scripts');
    const out = bundle.otherQueue('out');
    await bundle.add(3);
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    const worker = bundle.worker(
      async ({ entries }) => {
        for (const { job, ...entry } of entries) {
          void entry;
          await bundle.redis.set(`${bundle.queue.toKey(job.id ?? '')}:lock`, 'somebody else');
        }
        for (const entry of entries) entry.enqueue(out, 'next', 1, { jobId: `o-${entry.job.id}` });
      },
      { batch: { size: 3 } },
    );
    worker.on('error', () => worker.errors.length === 3 && finish());
    await done;
    expect(await out.getJobCounts('waiting')).toEqual({ waiting: 0 });
    expect(worker.errors).toEqual(Array(3).fill(expect.stringMatching(/Lock mismatch/)));
    expect(await bundle.counts()).toMatchObject({ active: 3, completed: 0 });
  });

  test('an outbound job that Redis refuses fails its inbound job, and no other', async () => {
    await using bundle = await batchBundle(server.get(), 'scripts');
    const out = bundle.otherQueue('out');
    await bundle.add(3, { attempts: 1 });
    bundle.worker(
      async ({ entries }) => {
        entries.forEach((entry, k) => {
          const parent =
            k === 1 ? { parent: { id: 'nobody', queue: `${bundle.prefix}:none` } } : {};
          entry.enqueue(out, 'next', 1, { jobId: `o-${entry.job.id}`, ...parent });
        });
      },
      { batch: { size: 3 } },
    );
    await bundle.countsBecome({ completed: 2, failed: 1 });
    expect((await bundle.queue.getJob('2'))?.failedReason).toMatch(/outbound job not added/);
    expect((await out.getWaiting()).map(({ id }) => id)).toEqual(['o-1', 'o-3']);
  });
});
