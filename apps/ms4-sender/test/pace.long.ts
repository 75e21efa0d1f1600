import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

const FLOOD = 400;
const SIZE = 5;

/** Two senders; a trickle of single records, then a flood: how many requests came, and how long the flood took. */
async function trickleThenFlood(
  limits: Record<string, string>,
  enough: (arrivals: readonly number[]) => boolean,
): Promise<{ requests: number; seconds: number }> {
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
  const begun = performance.now();
  await fleet.add(100, 100 + FLOOD);
  const { length } = await until(
    async () => {
      const arrivals = await fleet.arrivals();
      return enough(arrivals.slice(trickle)) ? arrivals : null;
    },
    { what: 'enough arrivals' },
  );
  return { requests: length, seconds: (performance.now() - begun) / 1_000 };
}

describe('two senders at a limit of 20 requests a second', () => {
  test('trickle then flood: 80 requests of the flood take 3 s at least', async () => {
    const { seconds } = await trickleThenFlood(
      { MS4_REQUESTS_PER_SECOND_MAX: '20' },
      (arrivals) => arrivals.length >= FLOOD / SIZE,
    );
    // 20 at once, then 60 at 20 a second; how they spread over a second is told where they are granted.
    expect(seconds).toBeGreaterThanOrEqual(2.95);
  });

  test('never more in any minute either', async () => {
    let reachedAt = Number.POSITIVE_INFINITY;
    const { requests } = await trickleThenFlood(
      { MS4_REQUESTS_PER_SECOND_MAX: '20', MS4_REQUESTS_PER_MINUTE_MAX: '40' },
      // And on for what takes a tenth of the time where the minute is not counted.
      ({ length }) => {
        if (length >= 28) reachedAt = Math.min(reachedAt, performance.now());
        return performance.now() - reachedAt > 2_000;
      },
    );
    expect(requests).toBe(40);
  });

  test('control: without the limit the same flood goes above it', async () => {
    const { seconds } = await trickleThenFlood(
      { MS4_REQUESTS_PER_SECOND_MAX: '10000' },
      (arrivals) => arrivals.length >= FLOOD / SIZE,
    );
    expect(seconds).toBeLessThan(2.95);
  });
});
