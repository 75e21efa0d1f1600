import { describe, expect, test } from '@jest/globals';
import { startRedis, until } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { BatchWorker } from '../src/index.ts';
import { type BatchBundle, batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';
import { addPoisoned, allFinal, effectsOf, outlivePoison, startChild } from './batch-children.ts';

const server = redisForFile();

/** Kills one of two workers again and again, each after a random time, and then leaves one alone. */
async function underKills(
  bundle: BatchBundle,
  options: Parameters<typeof startChild>[1],
  kills: number,
  isOver: () => Promise<boolean>,
): Promise<number> {
  let done = 0;
  await using steady = startChild(bundle, options);
  void steady;
  for (; done < kills && !(await isOver()); done += 1) {
    await using child = startChild(bundle, options);
    // A start takes about 300 ms; then a batch every few ms: any step can be the one.
    const lives = 350 + Math.random() * 150;
    await new Promise((resolve) => setTimeout(resolve, lives));
    await child.stop('SIGKILL');
  }
  await until(isOver, { what: 'all jobs are final' });
  return done;
}

describe.each(DRIVERS)('kill -9, over and over (%s)', (driver) => {
  test('40 kills: nothing lost, nothing failed, each job once at the ledger', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const jobs = 8_000;
    await bundle.add(jobs, { attempts: 1 });
    const isOver = async () => (await bundle.counts()).completed === jobs;
    const kills = await underKills(bundle, { workMs: 60 }, 40, isOver);
    expect(kills).toBeGreaterThanOrEqual(15);
    expect(await bundle.counts()).toMatchObject({ completed: jobs, failed: 0 });
    expect(new Set(await effectsOf(bundle)).size).toBe(jobs);
  });

  test('poison among neighbours, 4 batches at once: only the poison fails', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await addPoisoned(bundle, 200, [33, 120]);
    const failed = await outlivePoison(bundle, 200, { concurrency: 4, maxStalledCount: 3 });
    expect(failed.map(({ data }) => data.i)).toEqual([33, 120]);
  });

  test('a hand-over killed at every step: 1,000 messages, 50 kills, each outbound exactly once', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const { sent, kills } = await handOverUnderKills(bundle, 'hand-over', 50);
    expect(kills).toBeGreaterThanOrEqual(driver === 'scripts' ? 50 : 25);
    expect(sent.size).toBe(1_000);
    expect([...sent.values()].filter((times) => times !== 1)).toEqual([]);
  });

  test('Redis killed four times in mid-batch: what it had acknowledged is processed, nothing fails', async () => {
    // With everysec a write waits while a slow sync is under way, and what was acknowledged dies with the process.
    const flags = { appendonly: 'yes', appendfsync: 'no' };
    let redis = await startRedis({ flags });
    const { port, dir } = redis;
    try {
      const bundle = await batchBundle(redis, driver);
      bundle.queue.on('error', () => undefined);
      const acknowledged = new Set<string>();
      const effects = new Set<string>();
      const times = { lockDuration: 2_000, stalledInterval: 500 };
      const worker = bundle.worker(
        async ({ jobs }) => {
          await new Promise((resolve) => setTimeout(resolve, 10));
          for (const { id } of jobs) effects.add(id ?? '');
        },
        { batch: { size: 20, concurrency: 2 }, ...times },
      );
      let next = 0;
      let stop = false;
      const producer = (async () => {
        while (!stop) {
          const ids = Array.from({ length: 20 }, (_, n) => `m-${next + n}`);
          const jobs = ids.map((jobId) => ({ name: 'job', data: { i: 0 }, opts: { jobId } }));
          const isAdded = await bundle.queue.addBulk(jobs).then(
            () => true,
            // Half answered when Redis died: whoever adds does so again, under the same ids.
            () => false,
          );
          if (!isAdded) continue;
          next += ids.length;
          for (const id of ids) acknowledged.add(id);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      })();
      for (let kill = 0; kill < 4; kill += 1) {
        const before = acknowledged.size;
        await until(() => acknowledged.size > before + 400, { what: 'more adds' });
        await redis.kill();
        redis = await startRedis({ port, dir, flags });
      }
      const before = acknowledged.size;
      await until(() => acknowledged.size > before, { what: 'adds after the last kill' });
      stop = true;
      await producer;
      await until(() => [...acknowledged].every((id) => effects.has(id)), {
        what: 'all processed',
      });
      await allFinal(bundle, next);
      expect((await bundle.counts()).failed).toBe(0);
      await worker.close();
      await bundle[Symbol.asyncDispose]();
    } finally {
      await redis.stop();
    }
  });

  test('three workers frozen beyond their locks, and thawed: what the others made stands, nothing fails', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(600, { attempts: 1 });
    const frozen = Array.from({ length: 3 }, () => startChild(bundle, { workMs: 250 }));
    await until(async () => (await bundle.counts()).active >= 100, { what: 'all at work' });
    for (const child of frozen) child.pause();
    const before = (await bundle.counts()).completed;
    bundle.worker(async ({ entries }) => entries.map(() => 'second'), {
      batch: { size: 50 },
      lockDuration: 600,
      stalledInterval: 200,
      maxStalledCount: 10,
    });
    await allFinal(bundle, 600);
    for (const child of frozen) child.proceed();
    await until(async () => (await effectsOf(bundle)).length >= before + 60, {
      what: 'thawed',
    });
    await Promise.all(frozen.map((child) => child.stop('SIGKILL')));
    expect(await bundle.counts()).toMatchObject({ completed: 600, failed: 0 });
    const second = (await bundle.queue.getCompleted(0, -1)).filter(
      ({ returnvalue }) => returnvalue === 'second',
    );
    expect(second.length).toBe(600 - before);
  });
});

/** `out` is consumed at once and forgets: only the fence, or what the hand-over keeps, prevents a second one. */
async function handOverUnderKills(
  bundle: BatchBundle,
  mode: 'hand-over' | 'hand-over-naive' | 'hand-over-unfenced',
  kills: number,
): Promise<{ sent: Map<string, number>; kills: number }> {
  await bundle.add(1_000, { attempts: 1 });
  const sent = new Map<string, number>();
  const connection = new Redis(server.get().url, { maxRetriesPerRequest: null });
  const sender = new BatchWorker<{ from: string }>(
    'out',
    async ({ entries }) => {
      for (const { data } of entries) sent.set(data.from, (sent.get(data.from) ?? 0) + 1);
      return entries.map(() => undefined);
    },
    {
      connection,
      prefix: bundle.prefix,
      drainDelay: 1,
      removeOnComplete: { count: 0 },
      batch: { size: 50 },
    },
  );
  // Batches of two: 500 hand-overs, so that 50 kills fall into 50 different ones.
  const options = { mode, size: 2, concurrency: 1, workMs: 15 };
  let done = 0;
  const isOver = async (): Promise<boolean> => (await bundle.counts()).completed === 1_000;
  for (; done < kills; done += 1) {
    await using child = startChild(bundle, options);
    const before = (await bundle.counts()).completed;
    if (await isOver()) break;
    await until(async () => (await bundle.counts()).completed > before, {
      what: 'it hands over',
    });
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
    await child.stop('SIGKILL');
  }
  await using last = startChild(bundle, options);
  void last;
  await until(isOver, { what: 'all handed over' });
  const out = bundle.otherQueue('out');
  await until(
    async () => {
      const { waiting = 0, active = 0 } = await out.getJobCounts('waiting', 'active');
      return waiting + active === 0;
    },
    { what: 'out is empty' },
  );
  await sender.close();
  connection.disconnect();
  return { sent, kills: done };
}

test('negative control: completing first and adding then loses messages', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  const { sent } = await handOverUnderKills(bundle, 'hand-over-naive', 12);
  expect(sent.size).toBeLessThan(1_000);
});

test('negative control: adding first, to a queue that forgets at once, sends some twice', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  const { sent } = await handOverUnderKills(bundle, 'hand-over-unfenced', 12);
  expect(sent.size).toBe(1_000);
  expect([...sent.values()].filter((times) => times > 1).length).toBeGreaterThan(0);
});
