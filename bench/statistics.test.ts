import { describe, expect, test } from '@jest/globals';

import { median, short, spread } from './statistics.ts';

describe('statistics', () => {
  test('median is the one in the middle, or between the two there, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
    expect(median([7])).toBe(7);
    expect(() => median([])).toThrow(RangeError);
  });

  test.each([
    [0, 0],
    [0.055555, 0.0556],
    [1.2345, 1.23],
    [12.345, 12.3],
    [123.45, 123],
    [98_765.4, 98_765],
    [-0.012345, -0.0123],
    [Number.NaN, Number.NaN],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ])('short(%d) is %d: three digits, and whole numbers whole', (value, expected) => {
    expect(short(value)).toBe(expected);
  });

  test('spread tells the least, the middle and the most', () => {
    expect(spread([3, 1.234_5, 2])).toBe('1.23 / 2 / 3');
  });
});
