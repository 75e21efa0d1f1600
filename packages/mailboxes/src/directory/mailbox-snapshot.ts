import type { FolderRef, MailboxEntry, MailboxState, MessageRules } from '@ms1/contracts';

import type { MailboxList } from './mailbox-directory.ts';

/** The directory at one moment, to look up every message's mailbox without asking Redis. */
export class MailboxSnapshot {
  readonly revision: number;
  /** all, the removed ones too */
  readonly entries: readonly MailboxEntry[];
  readonly #byId: ReadonlyMap<string, MailboxEntry>;

  constructor({ revision, entries }: MailboxList) {
    this.revision = revision;
    this.entries = entries;
    this.#byId = new Map(entries.map((entry) => [entry.mailboxId, entry]));
  }

  /** Also one that is removed; undefined: never heard of. */
  get(mailboxId: string): MailboxEntry | undefined {
    return this.#byId.get(mailboxId.toLowerCase());
  }

  /** May it be read at all, paused or not? */
  isListed(mailboxId: string): boolean {
    return this.tenantOf(mailboxId) !== undefined;
  }

  /** With whose credential it is read; undefined: it may not be. */
  tenantOf(mailboxId: string): string | undefined {
    const entry = this.get(mailboxId);
    return entry?.state === 'removed' ? undefined : entry?.tenantId;
  }

  /** What is to be done with a folder now. A folder that its mailbox does not have is as good as removed. */
  stateOf({ mailboxId, folderId }: FolderRef): MailboxState | undefined {
    const entry = this.get(mailboxId);
    return entry && !entry.folders.includes(folderId) ? 'removed' : entry?.state;
  }

  /** Empty rules, which let everything in, for a mailbox that has none. */
  rulesOf(mailboxId: string): MessageRules {
    return this.get(mailboxId)?.rules ?? {};
  }

  /** The mailboxes that are not removed, of one tenant or of all. */
  listed(tenantId?: string): MailboxEntry[] {
    return this.entries.filter(
      (entry) =>
        entry.state !== 'removed' && (tenantId === undefined || entry.tenantId === tenantId),
    );
  }

  /** A mailbox's folders, each with what names it in a job. None when it is not listed. */
  foldersOf(mailboxId: string): (FolderRef & { tenantId: string })[] {
    const entry = this.get(mailboxId);
    if (entry === undefined || entry.state === 'removed') return [];
    const { tenantId, mailboxId: id, folders } = entry;
    return folders.map((folderId) => ({ tenantId, mailboxId: id, folderId }));
  }
}
