import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { History, live } from './delta-history.ts';

test('10,000 random histories lose nothing, and no position is ahead', async () => {
  await fc.assert(
    fc.asyncProperty(History, async (history) => {
      const { lost, ahead } = await live(history);
      expect([lost, ahead]).toEqual([[], 0]);
    }),
    { numRuns: 10_000 },
  );
});
