import { describe, expect, test } from '@jest/globals';

import { LinePace } from './line-pace.ts';

/** A line whose requests of `items` have taken `ms` each. */
function steady(ms: number, items: number): LinePace {
  const pace = new LinePace();
  for (let requests = 0; requests < 2; requests += 1) pace.took(ms, items);
  return pace;
}

describe('LinePace', () => {
  test('lets all wait until it knows how long an item takes, and where that is short', () => {
    const pace = new LinePace();
    pace.took(10_000, 20);
    expect(pace.lets(1_000_000)).toBe(true);
    // The slow first one is forgotten in time.
    for (let requests = 1; requests < 40; requests += 1) pace.took(20, 20);
    expect(pace.lets(4_990)).toBe(true);
    expect(pace.lets(5_010)).toBe(false);
  });

  test('lets nobody in before most of those who wait are done', () => {
    const pace = steady(1_000, 20);
    expect([99, 100, 99, 26, 25, 99].map((waiting) => pace.lets(waiting))).toEqual([
      true,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  test('lets two $batches wait where Graph is very slow', () => {
    const pace = steady(30_000, 1);
    expect([pace.lets(39), pace.lets(40)]).toEqual([true, false]);
  });

  test('sends each away until its turn may have come, ten minutes at most', () => {
    const pace = steady(1_000, 20);
    const now = 1_000_000;
    const away = Array.from({ length: 20_000 }, () => pace.away(now));
    expect([away[0], away[99], away[19_999]]).toEqual([2_525, 5_000, 502_500]);
    expect(pace.away(now + 3_600_000)).toBe(2_525);
  });
});
