import type { MailboxEntry } from '@ms1/contracts';
import {
  type AuditStore,
  type CursorStore,
  type FolderRef,
  folderKey,
  type SessionStore,
  type SubscriptionStore,
} from '@ms1/store';

import type { MailboxFacts } from '../api/mailbox-view.ts';
import { rfc3339 } from '../api/rfc3339.ts';

export interface FreshnessSources {
  cursors: Pick<CursorStore, 'read'>;
  subscriptions: Pick<SubscriptionStore, 'list'>;
  audits: Pick<AuditStore, 'rolling'>;
  sessions: Pick<SessionStore, 'activeSessionOf'>;
}

/** How fresh what is known of these mailboxes is, in their order: walked, subscribed and audited, by folder. */
export async function readFreshness(
  { cursors, subscriptions, audits, sessions }: FreshnessSources,
  mailboxes: readonly MailboxEntry[],
): Promise<MailboxFacts[]> {
  const [subscribed, audited] = await Promise.all([subscriptions.list(), audits.rolling()]);
  const expiry = new Map(subscribed.map((record) => [folderKey(record), record]));
  const verdicts = new Map(audited.map((folder) => [folderKey(folder), folder.result]));
  const folderOf = async (folder: FolderRef) => {
    const [key, cursor] = [folderKey(folder), await cursors.read(folder)];
    const [subscription, verdict] = [expiry.get(key), verdicts.get(key)];
    return {
      folderId: folder.folderId,
      walkedAt: rfc3339(cursor?.updatedAt ?? null),
      subscription: subscription
        ? { id: subscription.subscriptionId, expiresAt: subscription.expiresAt }
        : null,
      audited: verdict ? { at: verdict.at, unexplained: verdict.counts.unexplained } : null,
    };
  };
  return Promise.all(
    mailboxes.map(async ({ mailboxId, folders }) => ({
      folders: await Promise.all(folders.map((folderId) => folderOf({ mailboxId, folderId }))),
      sessionId: await sessions.activeSessionOf(mailboxId),
    })),
  );
}
