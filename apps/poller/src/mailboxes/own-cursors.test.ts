import { expect, test } from '@jest/globals';

import { ownCursors } from './own-cursors.ts';

const FOLDER = { mailboxId: 'm', folderId: 'inbox' };
const ADDED_AGAIN = 1_000;

test.each([
  ['before it was added again', 999, ADDED_AGAIN, null],
  ['since it was added again', 1_000, ADDED_AGAIN, 1_000],
  ['and it was never removed', 999, null, 999],
])('a position of a mailbox, written %s', async (_, updatedAt, forgetBefore, own) => {
  const positions = ownCursors(
    {
      read: async () => ({ link: null, since: null, updatedAt }),
      write: async () => undefined,
    },
    () => forgetBefore,
  );
  expect((await positions.read(FOLDER))?.updatedAt ?? null).toEqual(own);
});
