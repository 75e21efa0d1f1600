import { expect, test } from '@jest/globals';

import { atStart } from './at-start.ts';

test('tries again for the time of a start what a slow host let time out, then says why not', async () => {
  const clock = { ms: 0, now: () => clock.ms };
  let tries = 0;
  const timesOut = (until: number) => async () => {
    tries += 1;
    clock.ms += 1_500;
    if (clock.ms <= until) throw new Error('Command timed out');
    return tries;
  };
  expect(await atStart(timesOut(3_000), clock)).toBe(3);
  await expect(atStart(timesOut(Number.POSITIVE_INFINITY), clock)).rejects.toThrow('timed out');
  expect(clock.ms).toBeLessThan(12_000);
});
