import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';
import type { Queue } from 'bullmq';

import { addBulk } from '../src/index.ts';
import { batchBundle, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

/** Redis writes the fields of options in an order of its own. */
const parsed = ({ opts = '{}', timestamp, ...hash }: Record<string, string>): unknown => ({
  ...hash,
  timestamp: timestamp?.length,
  opts: JSON.parse(opts) as unknown,
});

test('what addBulk writes is what queue.addBulk writes, for every kind of job', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  const kinds = [
    {},
    { priority: 3 },
    { delay: 60_000 },
    { lifo: true },
    { attempts: 9, backoff: 500 },
    {
      removeOnComplete: { age: 60 },
      removeOnFail: false,
      backoff: { type: 'exponential', delay: 9 },
    },
    { keepLogs: 3 },
    { deduplication: { id: 'd' } },
  ];
  const [ours, theirs] = [bundle.otherQueue('ours'), bundle.otherQueue('theirs')];
  const ids = ['j', 'j-1', '007', 'ä', 'a"b', 'a:b:c'];
  const jobs = kinds.flatMap((options, kind) =>
    ids.map((id, i) => ({
      name: `kind-${kind}`,
      data: i === 0 ? undefined : { i, text: 'ü"' },
      opts: { ...options, jobId: `${id}${kind}` },
    })),
  );
  expect(await addBulk(ours, jobs)).toEqual(jobs.map(({ opts }) => opts.jobId));
  await theirs.addBulk(jobs);
  for (const { opts } of jobs) {
    const hash = (queue: Queue): Promise<Record<string, string>> =>
      bundle.redis.hgetall(queue.toKey(opts.jobId));
    expect(parsed(await hash(ours))).toEqual(parsed(await hash(theirs)));
  }
  for (const state of ['wait', 'prioritized', 'delayed']) {
    expect(await ours.getJobCounts(state as 'wait')).toEqual(
      await theirs.getJobCounts(state as 'wait'),
    );
  }
  expect(await bundle.redis.lrange(ours.toKey('wait'), 0, -1)).toEqual(
    await bundle.redis.lrange(theirs.toKey('wait'), 0, -1),
  );
});

test('jobs that go first are written as queue.addBulk writes them, also where all do', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  const jobs = ['a', 'b', 'c'].map((jobId) => ({
    name: 'x',
    data: 1,
    opts: { jobId, lifo: true },
  }));
  const waiting = async (name: string, add: (queue: Queue) => Promise<unknown>) => {
    const queue = bundle.otherQueue(name);
    await queue.add('x', 1, { jobId: 'first' });
    await add(queue);
    const ids = await bundle.redis.lrange(queue.toKey('wait'), 0, -1);
    return Promise.all(
      ids.map(async (id) => [id, parsed(await bundle.redis.hgetall(queue.toKey(id)))]),
    );
  };
  const ours = await waiting('ours', (queue) => addBulk(queue, jobs));
  expect(ours).toEqual(await waiting('theirs', (queue) => queue.addBulk(jobs)));
  expect(ours.map(([id]) => id)).toEqual(['first', 'a', 'b', 'c']);
});

test('adding the same id twice is one job', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  const out = bundle.otherQueue('out');
  const jobs = ['a', 'b', 'a'].map((jobId) => ({ name: 'x', data: 1, opts: { jobId } }));
  await addBulk(out, jobs);
  await addBulk(out, jobs);
  expect(await out.getWaitingCount()).toBe(2);
});

test('more jobs at once than a call of Lua takes values are added and completed, each once', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  const jobs = Array.from({ length: 9_000 }, (_, i) => ({
    name: 'job',
    data: { i },
    opts: { jobId: `m-${i}`, removeOnComplete: true },
  }));
  await addBulk(bundle.queue, jobs);
  const seen = new Set<number>();
  let runs = 0;
  bundle.worker(
    async ({ entries, size }) => {
      runs += size;
      for (const { data } of entries) seen.add(data.i);
    },
    { batch: { size: 1_000, concurrency: 2 } },
  );
  await until(() => runs === jobs.length, { what: 'all ran' });
  await until(async () => (await bundle.counts()).active === 0, { what: 'all are settled' });
  expect(seen.size).toBe(jobs.length);
  expect(await bundle.redis.keys(`${bundle.prefix}:jobs:m-*`)).toEqual([]);
});

test('jobs that wait for a worker wake it', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  let seen = 0;
  const worker = bundle.worker(async ({ size }) => void (seen += size), {
    batch: { size: 10 },
    drainDelay: 5,
  });
  await new Promise((resolve) => worker.once('drained', () => resolve(null)));
  await addBulk(bundle.queue, [{ name: 'job', data: { i: 1 }, opts: { jobId: 'a' } }]);
  await until(() => seen === 1, { what: 'it ran' });
  expect(worker.errors).toEqual([]);
});
