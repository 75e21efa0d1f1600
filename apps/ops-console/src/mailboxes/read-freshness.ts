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
  cursors: Pick<CursorStore, 'updatedAt'>;
  subscriptions: Pick<SubscriptionStore, 'list'>;
  audits: Pick<AuditStore, 'rolling'>;
  sessions: Pick<SessionStore, 'activeSessionOf'>;
}

/** How fresh what is known of these mailboxes is, in their order: walked, subscribed and audited, by folder. */
export async function readFreshness(
  { cursors, subscriptions, audits, sessions }: FreshnessSources,
  mailboxes: readonly MailboxEntry[],
): Promise<MailboxFacts[]> {
  const refs = mailboxes.flatMap(({ mailboxId, folders }) =>
    folders.map((folderId): FolderRef => ({ mailboxId, folderId })),
  );
  const [walked, subscribed, audited, active] = await Promise.all([
    cursors.updatedAt(refs),
    subscriptions.list(),
    audits.rolling(),
    Promise.all(mailboxes.map(({ mailboxId }) => sessions.activeSessionOf(mailboxId))),
  ]);
  const walkedAt = new Map(refs.map((ref, index) => [folderKey(ref), walked[index] ?? null]));
  const records = new Map(subscribed.map((record) => [folderKey(record), record]));
  const verdicts = new Map(audited.map((folder) => [folderKey(folder), folder.result]));
  return mailboxes.map(({ mailboxId, folders }, index) => ({
    folders: folders.map((folderId) => {
      const key = folderKey({ mailboxId, folderId });
      const [subscription, verdict] = [records.get(key), verdicts.get(key)];
      return {
        folderId,
        walkedAt: rfc3339(walkedAt.get(key) ?? null),
        subscription: subscription
          ? { id: subscription.subscriptionId, expiresAt: subscription.expiresAt }
          : null,
        audited: verdict ? { at: verdict.at, unexplained: verdict.counts.unexplained } : null,
      };
    }),
    sessionId: active[index] ?? null,
  }));
}
