import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { type BatchBundle, batchBundle, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

/** Redis begins to refuse writes while a batch is processed, so that its settlement meets the refusal. */
async function refusedSettlement(bundle: BatchBundle, size: number) {
  const refuseWrites = (refuse: boolean): Promise<unknown> =>
    bundle.redis.config('SET', 'min-replicas-to-write', refuse ? '1' : '0');
  await bundle.add(size, { attempts: 1 });
  let runs = 0;
  const { promise: begun, resolve: onBegin } = Promise.withResolvers<void>();
  const worker = bundle.worker(
    async (batch) => {
      runs += batch.size;
      if (runs === size) {
        await refuseWrites(true);
        onBegin();
      }
    },
    { batch: { size }, lockDuration: 30_000, stalledInterval: 1_000 },
  );
  await begun;
  return { worker, runs: () => runs, allowWrites: () => refuseWrites(false) };
}

const refusals = (errors: readonly string[]): number =>
  errors.filter((message) => message.includes('NOREPLICAS')).length;

test.each([1, 20])(
  'a batch of %i is settled when Redis takes writes again, and its work is not done twice',
  async (size) => {
    await using bundle = await batchBundle(server.get(), 'scripts');
    const { runs, allowWrites } = await refusedSettlement(bundle, size);
    await wait(350);
    expect((await bundle.counts()).completed).toBe(0);
    await allowWrites();
    await until(async () => (await bundle.counts()).completed === size, {
      what: 'all completed',
    });
    expect(runs()).toBe(size);
  },
);

test('negative control: BullMQ gives up at the first refusal and leaves the jobs to be done again', async () => {
  await using bundle = await batchBundle(server.get(), 'public');
  const { worker, allowWrites } = await refusedSettlement(bundle, 20);
  await until(() => refusals(worker.errors) >= 20, { what: 'all refused' });
  await allowWrites();
  await wait(350);
  expect(await bundle.counts()).toMatchObject({ completed: 0, active: 20 });
});
