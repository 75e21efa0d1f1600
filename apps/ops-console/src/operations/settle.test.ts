import { expect, test } from '@jest/globals';

import { settle } from './settle.ts';

const later = { later: 'graph_throttled', afterMs: 1_000 };

test('what its mailbox has no time for is tried five times, and then failed with why', () => {
  const first = settle(['a', 'b'], ['done', later], [], 0);
  expect(first).toEqual({ outcomes: ['done'], postponed: [{ ...later, item: 'b', tries: 1 }] });
  let { postponed } = first;
  for (const tries of [2, 3, 4]) {
    ({ postponed } = settle(['b'], [later], postponed, 1));
    expect(postponed).toMatchObject([{ item: 'b', tries }]);
  }
  expect(settle(['b'], [later], postponed, 1)).toEqual({
    outcomes: ['failed:graph_throttled'],
    postponed: [],
  });
});

test('what there is no room for has failed at once; what had waited keeps its place', () => {
  expect(settle(['a', 'b'], [later, later], [], 9_999)).toMatchObject({
    outcomes: ['failed:graph_throttled'],
    postponed: [{ item: 'a' }],
  });
  const waited = [{ item: 'a', tries: 1 }];
  expect(settle(['a'], [later], waited, 10_000)).toMatchObject({ postponed: [{ tries: 2 }] });
});
