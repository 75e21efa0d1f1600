import { describe, expect, test } from '@jest/globals';

import { Restarts } from './restarts.ts';

const MINUTE = 60_000;

describe('Restarts', () => {
  test('waits longer each time, and gives up at the fourth end within ten minutes', () => {
    const restarts = new Restarts();
    const waits = [0, 1, 2, 3].map((minute) => restarts.next(minute * MINUTE));
    expect(waits).toEqual([500, 2_000, 5_000, undefined]);
  });

  test('forgets: a process that ends every quarter of an hour is started again for ever', () => {
    const restarts = new Restarts();
    const waits = Array.from({ length: 100 }, (_, index) => restarts.next(index * 15 * MINUTE));
    expect(new Set(waits)).toEqual(new Set([500]));
  });

  test('forgets each end by itself', () => {
    const restarts = new Restarts();
    const waits = [0, 8, 9, 11, 12, 30].map((minute) => restarts.next(minute * MINUTE));
    expect(waits).toEqual([500, 2_000, 5_000, 5_000, undefined, 500]);
  });
});
