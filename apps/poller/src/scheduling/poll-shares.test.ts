import { expect, test } from '@jest/globals';

import { shareOut, sharesOf } from './poll-shares.ts';

const folders = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ mailboxId: `m${n}`, folderId: 'inbox' }));

test.each([
  [0, 1],
  [1, 1],
  [16, 1],
  [17, 2],
  [100, 8],
  [5_000, 512],
])('%i folders are walked in %i rounds, each in one of them', (count, rounds) => {
  const all = folders(count);
  const shares = sharesOf(count);
  expect(shares).toHaveLength(rounds);
  const walked = shareOut(shares.length, all).flat();
  expect(new Set(walked).size).toBe(count);
  expect(walked).toHaveLength(count);
});
