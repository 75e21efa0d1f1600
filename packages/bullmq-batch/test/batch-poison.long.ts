import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { type BatchBundle, batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';
import { startChild } from './batch-children.ts';

const server = redisForFile();

const effectsOf = (bundle: BatchBundle): Promise<string[]> =>
  bundle.redis.lrange(`${bundle.prefix}:effects`, 0, -1);

async function settled(bundle: BatchBundle, jobs: number, timeoutMs = 120_000): Promise<void> {
  await until(
    async () => {
      const { completed, failed } = await bundle.counts();
      return completed + failed === jobs;
    },
    { what: 'all jobs are final', timeoutMs },
  );
}

describe.each(DRIVERS)('a worker that dies (%s)', (driver) => {
  test('kill -9 in mid-batch loses no job and fails none', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(400, { attempts: 1 });
    const options = {
      url: server.get().url,
      prefix: bundle.prefix,
      driver,
      mode: 'effects',
      workMs: 40,
    } as const;
    for (let kill = 0; kill < 2; kill += 1) {
      await using child = startChild(options);
      const before = (await bundle.counts()).completed;
      await until(async () => (await bundle.counts()).completed > before, {
        what: 'a batch is done',
      });
      await until(async () => (await bundle.counts()).active > 0, { what: 'a batch is under way' });
      await child.stop('SIGKILL');
    }
    await using survivor = startChild(options);
    void survivor;
    await settled(bundle, 400);
    expect(await bundle.counts()).toMatchObject({ completed: 400, failed: 0 });
    expect(new Set(await effectsOf(bundle)).size).toBe(400);
  });

  test('a poison job ends alone: it fails, its neighbours do not', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    const jobs = Array.from({ length: 40 }, (_, i) => ({
      name: 'job',
      data: { i, poison: i === 13 },
      opts: { attempts: 1 },
    }));
    await bundle.queue.addBulk(jobs);
    let over = false;
    const fleet = (async () => {
      while (!over) {
        await using child = startChild({
          url: server.get().url,
          prefix: bundle.prefix,
          driver,
          mode: 'effects',
          maxStalledCount: 2,
          lockDuration: 400,
        });
        await Promise.race([child.exited, until(() => over, { what: 'the end' })]);
      }
    })();
    await settled(bundle, 40);
    over = true;
    await fleet;
    const failed = await bundle.queue.getFailed();
    expect(failed.map(({ data }) => data.i)).toEqual([13]);
    expect(failed[0]?.failedReason).toBe('job stalled more than allowable limit');
  });
});

test('negative control: a worker that completes before the effect loses jobs when it is killed', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  await bundle.add(100, { attempts: 1 });
  await using child = startChild({
    url: server.get().url,
    prefix: bundle.prefix,
    driver: 'scripts',
    mode: 'effects-too-late',
    workMs: 60_000,
  });
  await until(async () => (await bundle.counts()).completed === 40, {
    what: 'two batches completed',
  });
  await child.stop('SIGKILL');
  expect(await effectsOf(bundle)).toEqual([]);
});

test('negative control: without isolation the neighbours of a poison job fail with it', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  await bundle.queue.addBulk(
    Array.from({ length: 10 }, (_, i) => ({
      name: 'job',
      data: { i, poison: i === 3 },
      opts: { attempts: 1 },
    })),
  );
  for (let crash = 0; crash < 2; crash += 1) {
    await using child = startChild({
      url: server.get().url,
      prefix: bundle.prefix,
      driver: 'scripts',
      mode: 'effects',
      maxStalledCount: 1,
      lockDuration: 400,
      isolateStalled: false,
    });
    await child.exited;
  }
  await using child = startChild({
    url: server.get().url,
    prefix: bundle.prefix,
    driver: 'scripts',
    mode: 'effects',
    maxStalledCount: 1,
    lockDuration: 400,
    isolateStalled: false,
  });
  void child;
  await settled(bundle, 10);
  expect((await bundle.counts()).failed).toBe(10);
});

test.each(DRIVERS)(
  'a worker frozen beyond its lock does not overwrite what another made of its jobs (%s)',
  async (driver) => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(20, { attempts: 1 });
    await using child = startChild({
      url: server.get().url,
      prefix: bundle.prefix,
      driver,
      mode: 'effects',
      workMs: 300,
    });
    await until(async () => (await bundle.counts()).active === 20, {
      what: 'the batch is under way',
    });
    child.pause();
    const second = bundle.worker(async ({ entries }) => entries.map(() => 'second'), {
      batch: { size: 20 },
      lockDuration: 600,
      stalledInterval: 200,
      maxStalledCount: 10,
    });
    void second;
    await settled(bundle, 20);
    child.proceed();
    await until(async () => (await effectsOf(bundle)).length === 20, {
      what: 'the frozen one went on',
    });
    await wait(200);
    const jobs = await bundle.queue.getCompleted();
    expect(jobs).toHaveLength(20);
    expect(new Set(jobs.map(({ returnvalue }) => String(returnvalue)))).toEqual(
      new Set(['second']),
    );
  },
);
