import { describe, expect, test } from '@jest/globals';

import { type Progress, sustainedRate } from './sustained-rate.ts';

describe('sustainedRate', () => {
  test('leaves out how long the first took and how long the last waited', () => {
    // 1,000 messages at 100/s, after 30 s in which nothing came and before 20 s for the last.
    const steady = Array.from({ length: 100 }, (_, n) => [30 + n / 10, n * 10] as const);
    const progress: Progress = [...steady, [60, 1_000]];
    expect(sustainedRate(progress, 1_000)).toBeCloseTo(100);
  });

  test('reads between two looks', () => {
    expect(
      sustainedRate(
        [
          [0, 0],
          [10, 1_000],
        ],
        1_000,
      ),
    ).toBeCloseTo(100);
  });

  test('is no number when all came between two looks at once', () => {
    expect(
      sustainedRate(
        [
          [5, 0],
          [5, 100],
        ],
        100,
      ),
    ).toBeNaN();
    expect(sustainedRate([], 100)).toBeNaN();
  });
});
