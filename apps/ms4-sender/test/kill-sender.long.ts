import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

const KILLS = 30;

/**
 * Each sender dies as soon as MS4 has seen one more of its requests: before the answer, while it is
 * read, or between verdict, ledger and completion, as the scheduler has it. A dead sender's jobs run
 * again when their locks expire, at most 50 s later.
 */
test(`senders killed ${KILLS} times: every record has exactly one effect, every job ends`, async () => {
  await using fleet = await startFleet({ SIMULATOR_MS4_LATENCY_MS: '10' });
  const keys = await fleet.add(0, 3_000);
  const env = { MS4_SENDER_BATCH_SIZE: '20', SHUTDOWN_TIMEOUT_MS: '5000' };
  for (let kill = 0; kill < KILLS; kill += 1) {
    const { requests } = await fleet.ms4();
    const sender = await fleet.startSender(env);
    await until(async () => (await fleet.ms4()).requests > requests, { what: 'a request' });
    await sender.stop('SIGKILL');
  }
  await fleet.startSender(env);
  await until(
    async () => (await fleet.ledger.known(keys)).every((entry) => entry?.state === 'delivered'),
    { what: 'all delivered', timeoutMs: 120_000 },
  );
  await until(async () => (await fleet.queue.getJobCountByTypes()) === 0, { what: 'no job left' });
  const { stored, items } = await fleet.ms4();
  expect(stored).toBe(3_000);
  // Something was sent twice, or the kills hit nothing and this test shows nothing.
  expect(items).toBeGreaterThan(3_000);
}, 300_000);
