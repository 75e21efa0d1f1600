import type { FolderRef } from '@ms1/contracts';
import type { MailboxSnapshot } from '@ms1/mailboxes';

/** The mailboxes and folders of the directory as it is now: nothing else can be asked for. */
export class MailboxFolders {
  readonly #directory: { readonly current: MailboxSnapshot };

  constructor(directory: { readonly current: MailboxSnapshot }) {
    this.#directory = directory;
  }

  /** Mailbox ids, lower case. */
  idsOf(mailboxes: readonly string[] | 'all'): string[] {
    return mailboxes === 'all'
      ? this.#directory.current.listed().map(({ mailboxId }) => mailboxId)
      : mailboxes.map((id) => id.toLowerCase());
  }

  /** Those of these mailboxes that are not in the directory, or removed, by their position. */
  unknown(mailboxes: readonly string[] | 'all'): number[] {
    if (mailboxes === 'all') return [];
    const { current } = this.#directory;
    return [...mailboxes.keys()].filter((index) => !current.isListed(mailboxes[index] ?? ''));
  }

  foldersOf(mailboxIds: readonly string[]): FolderRef[] {
    const { current } = this.#directory;
    return [...new Set(mailboxIds)].flatMap((id) =>
      current.foldersOf(id).map(({ mailboxId, folderId }) => ({ mailboxId, folderId })),
    );
  }

  /** Also of a mailbox that is removed; undefined: never heard of. */
  tenantOf(mailboxId: string): string | undefined {
    return this.#directory.current.get(mailboxId)?.tenantId;
  }

  /** All folders of all mailboxes, each name once. */
  folderNames(): string[] {
    return [...new Set(this.#directory.current.listed().flatMap(({ folders }) => folders))];
  }
}
