import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { startRedis, until } from '@ms1/testkit';

import { type BatchBundle, batchBundle, type DriverName } from './batch-bundle.ts';

/** Adds until Redis has no memory left. */
async function fill(bundle: BatchBundle): Promise<void> {
  const pad = 'x'.repeat(2_000);
  for (;;) {
    try {
      await bundle.queue.addBulk(
        Array.from({ length: 100 }, (_, i) => ({
          name: 'job',
          data: { i, pad },
          opts: { removeOnComplete: true },
        })),
      );
    } catch (error) {
      expect(String(error)).toMatch(/OOM/);
      return;
    }
  }
}

async function fullRedis(driver: DriverName) {
  const server = await startRedis({ flags: { maxmemory: '5mb' } });
  const bundle = await batchBundle(server, driver);
  await fill(bundle);
  return {
    bundle,
    async [Symbol.asyncDispose]() {
      await bundle[Symbol.asyncDispose]();
      await server.stop();
    },
  };
}

test('a Redis that is full is drained, hand-over to the next queue included', async () => {
  await using full = await fullRedis('scripts');
  const { bundle } = full;
  const out = bundle.otherQueue('out');
  const { waiting } = await bundle.counts();
  expect(waiting).toBeGreaterThan(500);
  bundle.worker(
    async ({ entries }) => {
      for (const entry of entries) entry.enqueue(out, 'next', 1, { jobId: `o-${entry.job.id}` });
    },
    { batch: { size: 50 } },
  );
  await until(async () => (await bundle.counts()).waiting === 0, { what: 'drained' });
  await until(async () => (await out.getWaitingCount()) === waiting, { what: 'handed over' });
});

test('negative control: one script a job, as BullMQ sends them, takes nothing from a full Redis', async () => {
  await using full = await fullRedis('public');
  const { bundle } = full;
  const { waiting } = await bundle.counts();
  let ran = 0;
  const worker = bundle.worker(async ({ size }) => void (ran += size), {
    batch: { size: 50 },
    runRetryDelay: 100,
  });
  await until(() => worker.errors.some((message) => message.includes('OOM')), {
    what: 'a refused fetch',
  });
  await wait(300);
  expect(ran).toBe(0);
  expect((await bundle.counts()).waiting).toBe(waiting);
});
