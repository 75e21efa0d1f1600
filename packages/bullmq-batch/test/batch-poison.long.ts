import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { batchBundle, DRIVERS, redisForFile } from './batch-bundle.ts';
import { addPoisoned, allFinal, effectsOf, outlivePoison, startChild } from './batch-children.ts';

const server = redisForFile();

describe.each(DRIVERS)('a worker that dies (%s)', (driver) => {
  test('kill -9 in mid-batch loses no job and fails none', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(400, { attempts: 1 });
    const options = { workMs: 40 };
    for (let kill = 0; kill < 2; kill += 1) {
      await using child = startChild(bundle, options);
      const before = (await bundle.counts()).completed;
      await until(async () => (await bundle.counts()).completed > before, {
        what: 'a batch is done',
      });
      await until(async () => (await bundle.counts()).active > 0, { what: 'a batch is under way' });
      await child.stop('SIGKILL');
    }
    await using survivor = startChild(bundle, options);
    void survivor;
    await allFinal(bundle, 400);
    expect(await bundle.counts()).toMatchObject({ completed: 400, failed: 0 });
    expect(new Set(await effectsOf(bundle)).size).toBe(400);
  });

  test('a poison job ends alone: it fails, its neighbours do not', async () => {
    await using bundle = await batchBundle(server.get(), driver);
    await addPoisoned(bundle, 40, [13]);
    const failed = await outlivePoison(bundle, 40, { maxStalledCount: 2 });
    expect(failed.map(({ data }) => data.i)).toEqual([13]);
    expect(failed[0]?.failedReason).toBe('job stalled more than allowable limit');
  });
});

test('two workers that die with the same jobs fail none of them; control: by BullMQ’s own bound both deaths are theirs', async () => {
  const failedAfter = async (options: { maxStalledCount: number; isolateStalled: boolean }) => {
    await using bundle = await batchBundle(server.get(), 'scripts');
    await bundle.add(20, { attempts: 10 });
    for (let death = 0; death < 2; death += 1) {
      await using child = startChild(bundle, { ...options, workMs: 60_000 });
      const isInHand = async () =>
        (await bundle.queue.getActive()).some((job) => job.attemptsStarted > death);
      await until(isInHand, { what: 'it has those of the one before in hand' });
      await child.stop('SIGKILL');
    }
    await using survivor = startChild(bundle, options);
    void survivor;
    await allFinal(bundle, 20);
    return (await bundle.counts()).failed;
  };
  const [ours, theirs] = await Promise.all([
    failedAfter({ maxStalledCount: 10, isolateStalled: true }),
    failedAfter({ maxStalledCount: 1, isolateStalled: false }),
  ]);
  expect(ours).toBe(0);
  expect(theirs).toBeGreaterThan(0);
});

test('negative control: a worker that completes before the effect loses jobs when it is killed', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  await bundle.add(100, { attempts: 1 });
  await using child = startChild(bundle, { mode: 'effects-too-late', workMs: 60_000 });
  await until(async () => (await bundle.counts()).completed === 40, {
    what: 'two batches completed',
  });
  await child.stop('SIGKILL');
  expect(await effectsOf(bundle)).toEqual([]);
});

test('negative control: without isolation the neighbours of a poison job fail with it', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  await addPoisoned(bundle, 10, [3]);
  const options = { maxStalledCount: 1, lockDuration: 400, isolateStalled: false };
  for (let crash = 0; crash < 2; crash += 1) {
    await using child = startChild(bundle, options);
    await child.exited;
  }
  await using child = startChild(bundle, options);
  void child;
  await allFinal(bundle, 10);
  expect((await bundle.counts()).failed).toBe(10);
});

test.each(DRIVERS)(
  'a worker frozen beyond its lock does not overwrite what another made of its jobs (%s)',
  async (driver) => {
    await using bundle = await batchBundle(server.get(), driver);
    await bundle.add(20, { attempts: 1 });
    await using child = startChild(bundle, { workMs: 300 });
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
    await allFinal(bundle, 20);
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
