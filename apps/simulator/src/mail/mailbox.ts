import { createHash } from 'node:crypto';

import { MailFolder } from './mail-folder.ts';
import type { MailMessage } from './mail-message.ts';
import { mutableId, parseMessageId } from './message-id.ts';

const WELL_KNOWN_FOLDERS = {
  inbox: 'Inbox',
  archive: 'Archive',
  drafts: 'Drafts',
  sentitems: 'Sent Items',
  junkemail: 'Junk Email',
  deleteditems: 'Deleted Items',
} as const;

/** One mailbox: its folders and messages, and the operations that change them. */
export class Mailbox {
  readonly id: string;
  readonly address: string;
  readonly folders: readonly MailFolder[];
  readonly #byName = new Map<string, MailFolder>();
  readonly #messages = new Map<string, MailMessage>();

  constructor(id: string, address: string) {
    this.id = id;
    this.address = address;
    this.folders = Object.entries(WELL_KNOWN_FOLDERS).map(([name, displayName]) => {
      const folder = new MailFolder(folderId(id, name), displayName);
      this.#byName.set(name, folder);
      this.#byName.set(folder.id, folder);
      return folder;
    });
  }

  /** by id (case-sensitive) or well-known name (any case) */
  folder(idOrName: string): MailFolder | undefined {
    return this.#byName.get(idOrName) ?? this.#byName.get(idOrName.toLowerCase());
  }

  /** A message by either format of its id; undefined when unknown, deleted, or its mutable id is outdated. */
  message(id: string): MailMessage | undefined {
    const parsed = parseMessageId(id);
    const message = parsed && this.#messages.get(parsed.core);
    if (!message?.folder) return undefined;
    const outdated =
      parsed?.format === 'mutable' && parsed.id !== mutableId(message.core, message.moves);
    return outdated ? undefined : message;
  }

  add(message: MailMessage, folder: MailFolder): void {
    this.#messages.set(message.core, message);
    message.folder = folder;
    folder.add(message);
  }

  delete(message: MailMessage, at: number): void {
    message.version += 1;
    message.modifiedAt = at;
    const folder = message.folder;
    message.folder = null;
    folder?.remove(message);
  }

  move(message: MailMessage, folder: MailFolder, at: number): void {
    if (message.folder === folder) return;
    message.folder?.remove(message);
    message.folder = folder;
    message.moves += 1;
    message.version += 1;
    message.modifiedAt = at;
    folder.add(message);
  }

  /** Any change of a property: the message is reported again as updated. */
  update(message: MailMessage, change: { isRead: boolean }, at: number): void {
    message.isRead = change.isRead;
    message.version += 1;
    message.modifiedAt = at;
    message.folder?.touch(message);
  }
}

function folderId(mailboxId: string, name: string): string {
  const hash = createHash('sha256').update(`folder:${mailboxId}:${name}`).digest('base64url');
  return `AQMkADNk${hash.slice(0, 40)}AAA=`;
}
