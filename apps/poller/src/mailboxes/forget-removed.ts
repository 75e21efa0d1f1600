import type { FolderRef, MailboxEntry } from '@ms1/contracts';
import type { Lease } from '@ms1/coordination';
import type { CursorStore, MailboxDirectory } from '@ms1/mailboxes';

export interface ForgetOptions {
  /** the right to walk a folder; null while another has it */
  lease: (folder: FolderRef) => Promise<Lease | null>;
  directory: Pick<MailboxDirectory, 'get'>;
  cursors: Pick<CursorStore, 'forget'>;
  forgetLease: (folder: FolderRef) => Promise<void>;
}

/** A removed folder is walked at this moment; its walker stops at the next page. */
class StillWalkedError extends Error {
  readonly code = 'still_walked';

  constructor() {
    super('a removed folder is still being walked');
    this.name = 'StillWalkedError';
  }
}

/**
 * Forgets the positions and leases of removed mailboxes, once for each removal in this process. Under
 * the folder's lease, so that of a mailbox that is added again meanwhile nothing new is lost.
 *
 * @returns the work; it throws {@link StillWalkedError} when a folder is in use: to be called again
 */
export function createForgetRemoved(options: ForgetOptions) {
  const forgotten = new Map<string, number>();

  const forget = async (folder: FolderRef): Promise<void> => {
    const lease = await options.lease(folder);
    if (lease === null) throw new StillWalkedError();
    let removed = false;
    try {
      // The directory itself: the list may be of a moment ago.
      removed = (await options.directory.get(folder.mailboxId))?.state === 'removed';
      if (removed) await options.cursors.forget(folder, lease.fence);
    } finally {
      await lease.release();
    }
    if (removed) await options.forgetLease(folder);
  };

  return async (mailboxes: readonly MailboxEntry[]): Promise<void> => {
    for (const { mailboxId, folders, state, revision } of mailboxes) {
      if (state !== 'removed' || forgotten.get(mailboxId) === revision) continue;
      for (const folderId of folders) await forget({ mailboxId, folderId });
      forgotten.set(mailboxId, revision);
    }
  };
}
