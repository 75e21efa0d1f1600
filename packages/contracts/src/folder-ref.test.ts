import { expect, test } from '@jest/globals';

import { folderKey } from './folder-ref.ts';

test('a folder has one key whatever the case of its mailbox, and its own by the case of its id', () => {
  const folder = { mailboxId: 'AB', folderId: 'AAMk' };
  expect(folderKey({ ...folder, mailboxId: 'ab' })).toBe(folderKey(folder));
  expect(folderKey({ ...folder, folderId: 'aamk' })).not.toBe(folderKey(folder));
  expect(folderKey({ mailboxId: 'a', folderId: 'bAAMk' })).not.toBe(folderKey(folder));
  expect(folderKey(folder)).toMatch(/^[\w-]{22}$/);
});
