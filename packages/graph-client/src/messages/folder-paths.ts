import type { FolderRef } from '@ms1/contracts';

import type { Priority } from '../governor/governor.ts';

/** A message of a mailbox. */
export interface MessageRef {
  /** default live */
  priority?: Priority | undefined;
  mailboxId: string;
  /** immutable id */
  messageId: string;
  /** with its headers; default without */
  headers?: boolean | undefined;
}

export function folderPath({ mailboxId, folderId }: FolderRef): string {
  return `${mailboxPath(mailboxId)}/mailFolders/${encodeURIComponent(folderId)}`;
}

export function messagesPath(folder: FolderRef): string {
  return `${folderPath(folder)}/messages`;
}

export function mailboxMessagesPath(mailboxId: string): string {
  return `${mailboxPath(mailboxId)}/messages`;
}

export function messagePath({ mailboxId, messageId }: MessageRef): string {
  return `${mailboxPath(mailboxId)}/messages/${encodeURIComponent(messageId)}`;
}

/** The resource a subscription watches, without the leading slash (docs/graph-contract.md#subscription-limits). */
export function subscriptionResource({ mailboxId, folderId }: FolderRef): string {
  return `users/${mailboxId}/mailFolders('${folderId.replaceAll("'", "''")}')/messages`;
}

function mailboxPath(mailboxId: string): string {
  return `/users/${encodeURIComponent(mailboxId)}`;
}
