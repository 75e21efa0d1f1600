import type { OnTime } from '@ms1/console-api';
import { type FolderRef, folderKey, type MailboxEntry } from '@ms1/contracts';
import type { GraphPermits, MailboxHold, MailboxState } from '@ms1/coordination';
import type { AuditStore, SessionStore } from '@ms1/ledger';
import type { PushYield, PushYieldStore, SubscriptionStore } from '@ms1/mailboxes';
import type { Clock } from '@ms1/runtime';

import type { MailboxFacts } from '../api/mailbox-view.ts';
import { rfc3339 } from '../api/rfc3339.ts';
import { NOTHING } from './read-on-time.ts';
import { troublesOf } from './troubles-of.ts';

export interface FreshnessSources {
  yields: Pick<PushYieldStore, 'readMany'>;
  subscriptions: Pick<SubscriptionStore, 'list'>;
  audits: Pick<AuditStore, 'rolling'>;
  sessions: Pick<SessionStore, 'activeSessionOf'>;
  states: (mailboxIds: readonly string[]) => Promise<MailboxState[]>;
  onTime: (mailboxIds: readonly string[]) => Promise<{ each: OnTime[] }>;
  permits: Pick<GraphPermits, 'requestsOf' | 'limits'>;
  clock: Clock;
}

/** How fresh what is known of these mailboxes is, in their order: walked, subscribed and audited, by folder. */
export async function readFreshness(
  sources: FreshnessSources,
  mailboxes: readonly MailboxEntry[],
): Promise<MailboxFacts[]> {
  const { yields, subscriptions, audits, sessions, states, onTime, permits, clock } = sources;
  const refs = mailboxes.flatMap(({ mailboxId, folders }) =>
    folders.map((folderId): FolderRef => ({ mailboxId, folderId })),
  );
  const ids = mailboxes.map(({ mailboxId }) => mailboxId);
  const [walked, subscribed, audited, active, known, kept, used] = await Promise.all([
    yields.readMany(refs),
    subscriptions.list(),
    audits.rolling(),
    Promise.all(ids.map((id) => sessions.activeSessionOf(id))),
    states(ids),
    onTime(ids),
    permits.requestsOf(ids),
  ]);
  const { windowRequests: most, windowMs } = permits.limits;
  const at = { now: clock.now(), isPushed: subscribed.length > 0 };
  const walks = new Map(refs.map((ref, index) => [folderKey(ref), walked[index] ?? null]));
  const records = new Map(subscribed.map((record) => [folderKey(record), record]));
  const verdicts = new Map(audited.map((folder) => [folderKey(folder), folder.result]));
  return mailboxes.map((mailbox, index) => {
    const { mailboxId, folders } = mailbox;
    const facts = {
      folders: folders.map((folderId) => {
        const key = folderKey({ mailboxId, folderId });
        const walk = walks.get(key) ?? null;
        const [subscription, verdict] = [records.get(key), verdicts.get(key)];
        return {
          folderId,
          walkedAt: rfc3339(walk?.walkedAt ?? null),
          push: walk && viewPush(walk),
          subscription: subscription
            ? { id: subscription.subscriptionId, expiresAt: subscription.expiresAt }
            : null,
          audited: verdict ? { at: verdict.at, unexplained: verdict.counts.unexplained } : null,
        };
      }),
      sessionId: active[index] ?? null,
      held: viewHold(known[index]?.held ?? null),
      readSingly: viewSingly(known[index]?.singly ?? null),
      onTime: kept.each[index] ?? NOTHING,
      requests: { used: used[index] ?? 0, most, seconds: Math.round(windowMs / 1_000) },
    };
    return { ...facts, troubles: troublesOf(mailbox, facts, at) };
  });
}

function viewHold(hold: MailboxHold | null): MailboxFacts['held'] {
  if (!hold) return null;
  return { reason: hold.reason, since: rfc3339(hold.since), until: rfc3339(hold.until) };
}

function viewSingly(singly: MailboxState['singly']): MailboxFacts['readSingly'] {
  return singly && { reason: singly.reason, until: rfc3339(singly.until) };
}

function viewPush({ hour, soonerUntil, rebuildAskedAt }: PushYield) {
  const { announced, unannounced, lateMs } = hour;
  return {
    announced,
    unannounced,
    lateSeconds: announced === 0 ? null : lateMs / announced / 1_000,
    walkedSoonerUntil: rfc3339(soonerUntil),
    rebuiltAt: rfc3339(rebuildAskedAt),
  };
}
