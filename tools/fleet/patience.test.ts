import { describe, expect, test } from '@jest/globals';

import { Patience } from './patience.ts';

const SECOND = 1_000;

describe('Patience', () => {
  test('lasts for as long as anything moves, and is over when nothing has for a minute and a half', () => {
    let now = 0;
    const patience = new Patience(() => now);
    for (let walked = 0; walked < 1_000; walked += 1) {
      now += 60 * SECOND;
      expect(patience.isOver({ walked })).toBe(false);
    }
    now += 90 * SECOND;
    expect(patience.isOver({ walked: 999 })).toBe(false);
    now += SECOND;
    expect(patience.isOver({ walked: 999 })).toBe(true);
  });
});
