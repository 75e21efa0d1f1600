import { describe, expect, test } from '@jest/globals';
import { jobIdOf } from '@ms1/contracts';
import { until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

describe('delivery', () => {
  test('what waits is stored once in full batches, is delivered in the ledger, and leaves no job', async () => {
    await using fleet = await startFleet();
    const keys = await fleet.add(0, 1_200);
    const sender = await fleet.startSender();
    await sender.ready(`${sender.health}/readyz`);
    await until(async () => (await fleet.ms4()).stored === 1_200, { what: '1,200 stored' });
    await until(async () => (await fleet.queue.getJobCountByTypes()) === 0, {
      what: 'no job left',
    });
    expect(await fleet.ms4()).toMatchObject({ requests: 3, stored: 1_200, duplicates: 0 });
    const entries = await fleet.ledger.known(keys);
    expect(entries.filter((entry) => entry?.state === 'delivered')).toHaveLength(1_200);
    expect(entries[0]?.receipt).toMatch(/^b-[\w-]{22}:stored$/);
    expect(await sender.stop()).toBe(0);
  });

  test('SIGTERM with a request in flight: it is finished, and the process exits with 0', async () => {
    await using fleet = await startFleet({ SIMULATOR_MS4_LATENCY_MS: '1000' });
    const keys = await fleet.add(0, 50);
    const sender = await fleet.startSender();
    await until(async () => (await fleet.ms4()).requests === 1, { what: 'a request in flight' });
    expect(await sender.stop('SIGTERM')).toBe(0);
    expect((await fleet.ms4()).stored).toBe(50);
    expect((await fleet.ledger.known(keys)).every((entry) => entry?.state === 'delivered')).toBe(
      true,
    );
    expect(await fleet.queue.getJobCountByTypes()).toBe(0);
  });

  test('a payload that does not parse is a dead letter at its first attempt; its neighbours are delivered', async () => {
    await using fleet = await startFleet();
    const [bad = '', ...good] = await fleet.add(0, 100);
    const job = await fleet.queue.getJob(jobIdOf(bad));
    await job?.updateData({ v: 1 });
    await fleet.startSender();
    await until(async () => (await fleet.queue.getFailedCount()) === 1, { what: 'dead letter' });
    expect((await fleet.ledger.known([bad]))[0]).toMatchObject({
      state: 'dead',
      reason: 'payload_invalid',
    });
    const [failed] = await fleet.queue.getFailed();
    expect(failed).toMatchObject({ id: jobIdOf(bad), failedReason: 'payload_invalid' });
    expect(failed?.attemptsMade).toBe(1);
    const states = (await fleet.ledger.known(good)).map((entry) => entry?.state);
    expect(new Set(states)).toEqual(new Set(['delivered']));
  });
});
