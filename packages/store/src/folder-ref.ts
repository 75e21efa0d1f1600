import type { FolderRef } from '@ms1/contracts';

import { hashedId } from './store-key.ts';

/** The key of a folder wherever something is kept or named for it. */
export function folderKey({ mailboxId, folderId }: FolderRef): string {
  return hashedId(mailboxId.toLowerCase(), folderId);
}
