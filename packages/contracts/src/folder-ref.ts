import { hashedId } from './hashed-id.ts';

/** One mail folder, from configuration or from our own records, never from a notification. A polling payload is one. */
export interface FolderRef {
  /** mailbox object id (GUID, any case) */
  mailboxId: string;
  /** folder id or well-known name, case-sensitive */
  folderId: string;
}

/** The key under which anything is stored or named for a folder. */
export function folderKey({ mailboxId, folderId }: FolderRef): string {
  return hashedId(mailboxId.toLowerCase(), folderId);
}
