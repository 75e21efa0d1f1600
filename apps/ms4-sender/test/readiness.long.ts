import { expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

/** Each goes on until it is taken away: nothing is delivered, nothing is dead, nothing is said to the queue for good. */
const SILENT = { 'ms4-5xx': '503', 'ms4-html': 'out of contract', 'ms4-hang': 'did not answer' };

async function readiness(fault: string): Promise<string> {
  await using fleet = await startFleet();
  await fleet.fault(fault);
  const sender = await fleet.startSender({ MS4_TIMEOUT_MS: '2000' });
  const keys = await fleet.add(0, 20);
  const reason = await until(
    async () => {
      const response = await fetch(`${sender.health}/readyz`);
      return response.status === 503 ? response.text() : null;
    },
    { what: `not ready under ${fault}` },
  );
  // A restart would mend nothing.
  expect((await fetch(`${sender.health}/healthz`)).status).toBe(200);
  await fleet.clearFaults();
  await fleet.delivered(keys);
  await sender.ready(`${sender.health}/readyz`);
  expect((await fleet.ms4()).stored).toBe(keys.length);
  return reason;
}

test('a sender that delivers nothing says so and why, keeps all, and is ready again by itself', async () => {
  const reasons = await Promise.all(Object.keys(SILENT).map(readiness));
  Object.values(SILENT).forEach((words, index) => {
    expect(reasons[index]).toMatch(/"progress":"nothing delivered for \d+ s/);
    expect(reasons[index]).toContain(words);
  });
});
