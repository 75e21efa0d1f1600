import { expect, test } from '@jest/globals';

import { retryAfterMs } from './retry-after.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

test.each([
  ['10', 10_000],
  ['0', 1_000],
  ['-5', 1_000],
  ['1000000000', 900_000],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Wed, 31 Dec 2025 23:00:00 GMT', 1_000],
  ['Fri, 02 Jan 2026 00:00:00 GMT', 900_000],
  ['20.542', 21_000],
  ['soon', 60_000],
  ['', null],
  [null, null],
])('Retry-After %j waits %j ms: between 1 s and 15 min, null when it says nothing', (value, ms) => {
  expect(retryAfterMs(value, NOW)).toBe(ms);
});
