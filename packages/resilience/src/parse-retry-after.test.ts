import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { parseRetryAfter, RETRY_AFTER_MS_UNREADABLE } from './parse-retry-after.ts';

const NOW = Date.UTC(1994, 10, 6, 8, 49, 7);

describe('parseRetryAfter', () => {
  test.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['2.542', 3_000],
    ['2.0', 2_000],
    ['.5', 1_000],
    ['+5', 5_000],
    ['-3', 0],
    ['"5"', 5_000],
    ['5 s', 5_000],
    ['30 SECONDS', 30_000],
    ['5, 10', 10_000],
    ['10,5,', 10_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
    ['sun,  6 nov 1994 08:49:37 utc', 30_000],
    ['Sun, 06 Nov 1994 09:49:37 +0100', 30_000],
    ['Sun, 06 Nov 1994 08:49:37', 30_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
    ['Sun Nov  6 08:49:37 1994', 30_000],
    ['1994-11-06T08:49:37Z', 30_000],
    ['1994-11-06T08:49:36.1Z', 30_000],
    ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
    ['5, Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT, 40', 40_000],
  ])('reads %p as %p ms', (value, ms) => {
    expect(parseRetryAfter(value, NOW)).toBe(ms);
  });

  test.each(['soon', '5 min', 'NaN', '1e9', 'yes 2', 'Foo, 99 Bar 1994 08:49:37 GMT', '5; x'])(
    'takes %p, which says something, for a minute',
    (value) => {
      expect(parseRetryAfter(value, NOW)).toBe(RETRY_AFTER_MS_UNREADABLE);
    },
  );

  test.each([undefined, null, '', ' ', ','])('takes %p for none', (value) => {
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
