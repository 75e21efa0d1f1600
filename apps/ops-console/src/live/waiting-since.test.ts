import { expect, test } from '@jest/globals';
import { jobIdOf, type LedgerEntry } from '@ms1/contracts';
import type { QueueDepth } from '@ms1/queue';

import { sinceItsStage } from './waiting-since.ts';

const KEY = 'k'.repeat(22);

function depth(oldestId: string | undefined, oldestAt: number | null): QueueDepth {
  const counts = { waiting: 1, active: 0, delayed: 0, failed: 0, paused: false, gatedForMs: 0 };
  return { name: 'outbound', ...counts, oldestAt, oldestId, lastFailedAt: null };
}

test('a letter that was replayed waits since then, and one that nobody knows since it was added', async () => {
  const asked: string[][] = [];
  const depths = [depth('repeat:x', 5), depth(jobIdOf(KEY), 5), depth(undefined, null)];
  const found = await sinceItsStage(depths, async (keys) => {
    asked.push(keys);
    return [{ state: 'queued', at: 900 } as LedgerEntry];
  });
  expect(found.map(({ oldestAt }) => oldestAt)).toEqual([5, 900, null]);
  expect(asked).toEqual([[KEY]]);
  const unknown = await sinceItsStage([depth(jobIdOf(KEY), 5)], async () => [null]);
  expect(unknown[0]?.oldestAt).toBe(5);
});
