import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

test('batches that were stored before the connection broke are stored once', async () => {
  await using fleet = await startFleet();
  await fleet.fault('ms4-commit-then-reset', { share: 0.5 });
  const keys = await fleet.add(0, 600);
  const sender = await fleet.startSender({ MS4_SENDER_BATCH_SIZE: '20' });
  await fleet.delivered(keys);
  const { stored, replayed } = await fleet.ms4();
  expect(stored).toBe(600);
  // The fault happened, and the same key with the same bytes is what MS4 recognised.
  expect(replayed).toBeGreaterThan(0);
  expect(await sender.stop()).toBe(0);
});

test('an outage burns no attempt and makes no dead letter; afterwards everything is delivered', async () => {
  await using fleet = await startFleet();
  await fleet.fault('ms4-down', { retryAfterS: 1 });
  const keys = await fleet.add(0, 100);
  await fleet.startSender();
  await until(async () => (await fleet.ms4()).requests >= 3, { what: 'three tries' });
  for (const job of await fleet.queue.getJobs()) expect(job.attemptsMade).toBe(0);
  expect(await fleet.queue.getFailedCount()).toBe(0);
  await fleet.clearFaults();
  await fleet.delivered(keys);
});

test('an MS4 that is not there at all is waited for: no attempt, no dead letter', async () => {
  await using fleet = await startFleet();
  const keys = await fleet.add(0, 100);
  await fleet.simulator.stop('SIGKILL');
  const sender = await fleet.startSender();
  const paused = () => sender.output().split('delivery paused').length - 1;
  await until(() => paused() >= 2, { what: 'two pauses' });
  for (const job of await fleet.queue.getJobs()) expect(job.attemptsMade).toBe(0);
  expect(await fleet.queue.getFailedCount()).toBe(0);
  await fleet.startSimulator();
  await fleet.delivered(keys);
});
