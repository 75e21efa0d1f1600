import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { History, live } from './delta-history.ts';

const MINUTE = 60_000;

describe('random histories of a folder and of the process that walks it', () => {
  test('whatever Graph answers and wherever the process dies, every message is noticed and the position is never ahead', async () => {
    await fc.assert(
      fc.asyncProperty(History, async (history) => {
        const { lost, ahead } = await live(history);
        expect([lost, ahead]).toEqual([[], 0]);
      }),
      { numRuns: 300 },
    );
  });

  test('what delta hides for ever is noticed within ten minutes where nothing else is wrong', async () => {
    const mail = Array.from({ length: 5 }, (_, n) => ({ lagMs: 0 as const, hidden: n % 2 === 0 }));
    const { lost, slowest } = await live([{ mail, moods: [], crash: null }]);
    expect(lost).toEqual([]);
    expect(slowest).toBeLessThanOrEqual(10 * MINUTE);
  });

  test('negative control: stored before it is durable, the same histories lose messages', async () => {
    const run = await fc.check(
      fc.asyncProperty(History, async (history) => {
        const { lost, ahead } = await live(history, 'durable');
        return lost.length === 0 && ahead === 0;
      }),
      { numRuns: 300 },
    );
    expect(run.failed).toBe(true);
  });

  test('half a page moves no position; negative control: taken for all of it, it does, past what nobody has', async () => {
    const mail = Array.from({ length: 3 }, () => ({ lagMs: 0 as const, hidden: false }));
    const history: History = [{ mail, moods: ['truncated'], crash: null }];
    expect(await live(history)).toMatchObject({ lost: [], ahead: 0 });
    expect((await live(history, 'whole')).ahead).toBeGreaterThan(0);
  });
});
