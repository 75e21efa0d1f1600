import type { ConfiguredMailbox } from '@ms1/graph-client';
import type { FolderRef } from '@ms1/store';

/** The mailboxes and folders that are configured: nothing else can be asked for. */
export class MailboxFolders {
  readonly #ids: ReadonlySet<string>;
  readonly #folders: readonly string[];

  constructor(mailboxes: readonly ConfiguredMailbox[], folders: readonly string[]) {
    this.#ids = new Set(mailboxes.map(({ id }) => id));
    this.#folders = folders;
  }

  /** Mailbox ids, lower case. */
  idsOf(mailboxes: readonly string[] | 'all'): string[] {
    return mailboxes === 'all' ? [...this.#ids] : mailboxes.map((id) => id.toLowerCase());
  }

  /** Those of these mailboxes that are not configured, by their position. */
  unknown(mailboxes: readonly string[] | 'all'): number[] {
    if (mailboxes === 'all') return [];
    return [...mailboxes.keys()].filter(
      (index) => !this.#ids.has(mailboxes[index]?.toLowerCase() ?? ''),
    );
  }

  foldersOf(mailboxIds: readonly string[]): FolderRef[] {
    return [...new Set(mailboxIds)].flatMap((mailboxId) =>
      this.#folders.map((folderId) => ({ mailboxId, folderId })),
    );
  }
}
