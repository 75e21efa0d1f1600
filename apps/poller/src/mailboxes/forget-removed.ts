import type { FolderRef } from '@ms1/contracts';

interface RemovedMailbox {
  mailboxId: string;
  folders: readonly string[];
  state: string;
  revision: number;
}

export interface ForgetOptions {
  /** the right to walk a folder; null while another has it */
  lease: (folder: FolderRef) => Promise<{ fence: number; release(): Promise<void> } | null>;
  /** asks the directory itself: the list may be of a moment ago */
  isRemoved: (mailboxId: string) => Promise<boolean>;
  /** forgets a folder's position */
  forgetCursor: (folder: FolderRef, fence: number) => Promise<void>;
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
      removed = await options.isRemoved(folder.mailboxId);
      if (removed) await options.forgetCursor(folder, lease.fence);
    } finally {
      await lease.release();
    }
    if (removed) await options.forgetLease(folder);
  };

  return async (mailboxes: readonly RemovedMailbox[]): Promise<void> => {
    for (const { mailboxId, folders, state, revision } of mailboxes) {
      if (state !== 'removed' || forgotten.get(mailboxId) === revision) continue;
      for (const folderId of folders) await forget({ mailboxId, folderId });
      forgotten.set(mailboxId, revision);
    }
  };
}
