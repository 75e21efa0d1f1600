import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { fullestWindow } from './fullest-window.ts';
import { startFleet } from './start-fleet.ts';

const FLOOD = 400;
const SIZE = 5;

/** Two senders; a trickle of single records, then a flood. Answers with the arrivals at MS4. */
async function trickleThenFlood(
  limits: Record<string, string>,
  enough: (arrivals: readonly number[]) => boolean,
): Promise<{ trickle: number[]; flood: number[] }> {
  await using fleet = await startFleet({ SIMULATOR_MS4_LATENCY_MS: '20' });
  const env = {
    MS4_SENDER_BATCH_SIZE: String(SIZE),
    MS4_SENDER_BATCH_SIZE_PINNED: 'true',
    MS4_SENDER_CONCURRENCY: '4',
    ...limits,
  };
  await Promise.all([fleet.startSender(env), fleet.startSender(env)]);
  for (let n = 0; n < 12; n += 1) {
    await fleet.delivered(await fleet.add(n, n + 1));
  }
  const trickle = (await fleet.arrivals()).length;
  await fleet.add(100, 100 + FLOOD);
  const all = await until(
    async () => {
      const arrivals = await fleet.arrivals();
      return enough(arrivals.slice(trickle)) ? arrivals : null;
    },
    { what: 'enough arrivals', timeoutMs: 30_000 },
  );
  return { trickle: all.slice(0, trickle), flood: all.slice(trickle) };
}

describe('two senders at a limit of 20 requests a second', () => {
  test('trickle then flood: never more in any second, and 80 % of it at least', async () => {
    const { trickle, flood } = await trickleThenFlood(
      { MS4_REQUESTS_PER_SECOND_MAX: '20' },
      (arrivals) => arrivals.length >= FLOOD / SIZE,
    );
    expect(fullestWindow([...trickle, ...flood], 1_000)).toBeLessThanOrEqual(20);
    expect(fullestWindow([...trickle, ...flood], 60_000)).toBeLessThanOrEqual(1_200);
    const seconds = ((flood.at(-1) ?? 0) - (flood[0] ?? 0)) / 1_000;
    expect(flood.length / seconds).toBeGreaterThanOrEqual(16);
  }, 60_000);

  test('never more in any minute either', async () => {
    const began = performance.now();
    const { trickle, flood } = await trickleThenFlood(
      { MS4_REQUESTS_PER_SECOND_MAX: '20', MS4_REQUESTS_PER_MINUTE_MAX: '40' },
      // Long enough for all of the flood, were it not for the minute.
      () => performance.now() - began > 8_000,
    );
    expect(trickle.length + flood.length).toBe(40);
  }, 60_000);

  test('control: without the limit the same flood goes above it', async () => {
    const { flood } = await trickleThenFlood(
      { MS4_REQUESTS_PER_SECOND_MAX: '10000' },
      (arrivals) => arrivals.length >= FLOOD / SIZE,
    );
    expect(fullestWindow(flood, 1_000)).toBeGreaterThan(20);
  }, 60_000);
});
