import { describe, expect, test } from '@jest/globals';
import { encodeBatch, encodeItem } from '@ms1/ms4-client';
import { aDelivery, until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

const COUNT = 50;

/** What comes back, whether MS4 has stored the batch or not. */
const ANSWERS = [
  'ms4-accept',
  'ms4-retry-verdict',
  'ms4-missing-result',
  'ms4-doubled-result',
  'ms4-reordered-results',
  'ms4-unknown-result',
  'ms4-html',
  'ms4-redirect',
  'ms4-truncated',
  'ms4-wrong-type',
  'ms4-enormous',
  'ms4-drip',
  'ms4-hang',
  'ms4-commit-then-hang',
  'ms4-429',
  'ms4-429-date',
  'ms4-5xx',
  'ms4-down',
  'ms4-key-conflict',
];

describe('an answer that is not what it should be', () => {
  test('is not taken for success: each record is stored once and delivered, none is a dead letter', async () => {
    await using fleet = await startFleet();
    await fleet.startSender({ MS4_TIMEOUT_MS: '400', MS4_SENDER_CONCURRENCY: '1' });
    const stored: Record<string, number> = {};
    for (const [n, fault] of ANSWERS.entries()) {
      const before = (await fleet.ms4()).stored;
      await fleet.fault(fault, { times: 2 });
      await fleet.delivered(await fleet.add(n * COUNT, (n + 1) * COUNT));
      await fleet.clearFaults();
      stored[fault] = (await fleet.ms4()).stored - before;
    }
    expect(stored).toEqual(Object.fromEntries(ANSWERS.map((fault) => [fault, COUNT])));
    expect(await fleet.queue.getFailedCount()).toBe(0);
  });

  test('control: who believes every 200 has lost what a proxy answered for', async () => {
    await using fleet = await startFleet();
    await fleet.fault('ms4-html');
    const answer = await fleet.post(encodeBatch([encodeItem(aDelivery(0).record)]));
    expect([answer.status, (await fleet.ms4()).stored]).toEqual([200, 0]);
  });
});

describe('credentials that are refused', () => {
  test('stop their sender after a request a batch in flight, and leave the work to the others', async () => {
    await using fleet = await startFleet();
    const keys = await fleet.add(0, COUNT);
    const bad = await fleet.startSender({ MS4_TOKEN: 'not-the-right-one' });
    const isReady = async () => (await fetch(`${bad.health}/readyz`)).status === 200;
    await until(async () => !(await isReady()), { what: 'not ready' });
    const good = await fleet.startSender();
    await good.ready(`${good.health}/readyz`);
    await fleet.delivered(keys);
    expect(await fleet.queue.getFailedCount()).toBe(0);
    const more = await fleet.add(100, 150);
    await fleet.delivered(more);
    // Two batches in flight at most, then it rests for a minute.
    const refused = (await fleet.arrivals()).length - (await fleet.ms4()).requests;
    expect(refused).toBeGreaterThanOrEqual(1);
    expect(refused).toBeLessThanOrEqual(2);
    expect(await isReady()).toBe(false);
    expect(await bad.stop()).toBe(0);
  });
});
