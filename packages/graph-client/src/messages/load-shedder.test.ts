import { describe, expect, test } from '@jest/globals';

import { LoadShedder } from './load-shedder.ts';

/** A line whose requests of `items` have taken `ms` each. */
function steady(ms: number, items: number): LoadShedder {
  const shedder = new LoadShedder();
  for (let requests = 0; requests < 2; requests += 1) shedder.took(ms, items);
  return shedder;
}

describe('LoadShedder', () => {
  test('lets all wait until it knows how long an item takes, and where that is short', () => {
    const shedder = new LoadShedder();
    shedder.took(10_000, 20);
    expect(shedder.admits(1_000_000)).toBe(true);
    // The slow first one is forgotten in time.
    for (let requests = 1; requests < 40; requests += 1) shedder.took(20, 20);
    expect(shedder.admits(4_990)).toBe(true);
    expect(shedder.admits(5_010)).toBe(false);
  });

  test('lets nobody in before most of those who wait are done', () => {
    const shedder = steady(1_000, 20);
    expect([99, 100, 99, 26, 25, 99].map((waiting) => shedder.admits(waiting))).toEqual([
      true,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  test('lets two $batches wait where Graph is very slow', () => {
    const shedder = steady(30_000, 1);
    expect([shedder.admits(39), shedder.admits(40)]).toEqual([true, false]);
  });

  test('sends each away until its turn may have come, ten minutes at most', () => {
    const shedder = steady(1_000, 20);
    const now = 1_000_000;
    const sent = Array.from({ length: 20_000 }, () => shedder.shed(now));
    expect([sent[0], sent[99], sent[19_999]]).toEqual([2_525, 5_000, 502_500]);
    expect(shedder.shed(now + 3_600_000)).toBe(2_525);
  });
});
