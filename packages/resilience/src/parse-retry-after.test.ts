import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { parseRetryAfter } from './parse-retry-after.ts';

const NOW = Date.UTC(1994, 10, 6, 8, 49, 7);

describe('parseRetryAfter', () => {
  test.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
    ['Sun Nov  6 08:49:37 1994', 30_000],
    ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
  ])('reads %p', (value, ms) => {
    expect(parseRetryAfter(value, NOW)).toBe(ms);
  });

  test.each([
    undefined,
    null,
    '',
    '1.5',
    '-3',
    'soon',
    '1994-11-06T08:49:37Z',
    '5 s',
    'NaN',
    '1e9',
  ])('takes %p for no answer rather than for a wrong one', (value) => {
    expect(parseRetryAfter(value, NOW)).toBeUndefined();
  });

  test('is never negative, never NaN, never infinite, whatever the other side writes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.bigInt().map(String)), fc.nat(), (value, now) => {
        const ms = parseRetryAfter(value, now);
        expect(ms === undefined || (Number.isFinite(ms) && ms >= 0)).toBe(true);
      }),
    );
  });
});
