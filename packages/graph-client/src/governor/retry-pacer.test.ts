import { describe, expect, test } from '@jest/globals';

import { RetryPacer } from './retry-pacer.ts';

describe('RetryPacer', () => {
  test('gives each a place behind those before, at the pace at which room comes back', () => {
    const pacer = new RetryPacer(60, 600_000);
    expect([1, 2, 3].map(() => pacer.next('a', 20, 5_000, 0))).toEqual([5_000, 6_200, 7_400]);
    expect(pacer.next('b', 20, 5_000, 0)).toBe(5_000);
  });

  test('begins anew once the places that were given have passed', () => {
    const pacer = new RetryPacer(60, 600_000);
    pacer.next('a', 20, 5_000, 0);
    expect(pacer.next('a', 20, 5_000, 1_000)).toBe(5_200);
    expect(pacer.next('a', 20, 5_000, 60_000)).toBe(5_000);
  });

  test('sends nobody away for longer than a window, or than he was told', () => {
    const pacer = new RetryPacer(60, 600_000);
    for (let n = 0; n < 1_000; n += 1) pacer.next('a', 20, 5_000, 0);
    expect(pacer.next('a', 20, 5_000, 0)).toBe(600_000);
    expect(pacer.next('a', 20, 630_000, 0)).toBe(630_000);
  });
});
