import { expect, test } from '@jest/globals';

import { encodeRows, type Row } from './encode-rows.ts';

const keysOf = (script: string): number => (script === 'retryJob' ? 2 : 1);

test('a column on which all rows of a script agree is sent once', () => {
  const rows: Row[] = [
    { script: 'retryJob', columns: ['wait', 'a', 'same', Buffer.from('x')] },
    { script: 'retryJob', columns: ['wait', 'b', 'same', Buffer.from('x')] },
  ];
  const { groups, args, order } = encodeRows(rows, keysOf, 3);
  expect(groups).toEqual([[3, 2, 2, 2, [2], 0]]);
  expect(args).toEqual(['wait', 'same', Buffer.from('x'), 'a', 'b']);
  expect(order).toEqual(rows);
});

test('adds come before settlements, with their fence in front', () => {
  const settle: Row = { script: 'moveToFinished', columns: ['k', 'v'] };
  const add: Row = { script: 'addStandardJob', columns: ['lock', 'token', 'job', 'k', 'v'] };
  const { groups, order } = encodeRows([settle, add], keysOf, 3);
  expect(order).toEqual([add, settle]);
  expect(groups).toEqual([
    [5, 1, 1, 1, [], 1],
    [1, 1, 1, 1, [], 0],
  ]);
});

test('rows of different length are filled up, and a missing value is an empty one', () => {
  const { args, groups } = encodeRows(
    [
      { script: 'moveToFinished', columns: ['k', undefined] },
      { script: 'moveToFinished', columns: ['k', 'v', 'w'] },
    ],
    keysOf,
    3,
  );
  expect(groups).toEqual([[1, 1, 2, 2, [2, 3], 0]]);
  expect(args).toEqual(['k', '', '', 'v', 'w']);
});
