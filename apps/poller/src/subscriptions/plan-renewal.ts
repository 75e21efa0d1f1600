import type { FolderRef } from '@ms1/contracts';
import type { Subscription } from '@ms1/graph-client';
import type { SubscriptionRecord } from '@ms1/mailboxes';

export interface SubscriptionState {
  folders: readonly FolderRef[];
  kept: readonly SubscriptionRecord[];
  /** as Graph lists them; what it does not list may live all the same */
  live: readonly Subscription[];
  /** ids that Graph says it does not have, once or twice */
  missing: readonly string[];
  gone: readonly string[];
  /** has anybody ever said what is to be done with the mailbox? Of one that nobody speaks of nothing is taken away */
  isKnown: (mailboxId: string) => boolean;
  notificationUrl: string;
  /** ms since the epoch */
  now: number;
  /** ms of life that is asked for: what a record that does not know better was granted */
  lifetimeMs: number;
  /** share of its life below which a subscription is renewed */
  renewBelow: number;
  /** folders whose subscription is live and yet says nothing: it is made anew */
  mute?: readonly FolderRef[];
}

export interface SubscriptionPlan {
  keep: SubscriptionRecord[];
  renew: SubscriptionRecord[];
  create: FolderRef[];
  /** ids to remove at Graph, and from the records where they are in them */
  remove: string[];
  /** ids to remove from the records only: Graph does not have them any more */
  forget: string[];
}

/**
 * Renewing reauthorizes as well, and twice within ten minutes may leave a subscription in a state that
 * is neither (docs/graph-contract.md#lifecycle-events).
 */
const RENEW_AGAIN_MS = 600_000;

/**
 * What is to be done so that each folder has exactly one live subscription with our URL. One can be removed
 * without a word (docs/graph-contract.md#delivery), but only two 404s prove it: until then it is kept and not replaced.
 */
export function planRenewal(state: SubscriptionState): SubscriptionPlan {
  const { folders, kept, live, isKnown, notificationUrl, mute = [] } = state;
  const plan: SubscriptionPlan = { keep: [], renew: [], create: [], remove: [], forget: [] };
  const missing = new Set(state.missing);
  const gone = new Set(state.gone);
  const recorded = new Set(kept.map(({ subscriptionId }) => subscriptionId));
  plan.forget = [...gone];
  const usable = kept
    .filter(({ subscriptionId }) => !gone.has(subscriptionId))
    .toSorted((a, b) => b.expiresAt.localeCompare(a.expiresAt));
  const chosen = new Set<SubscriptionRecord>();
  for (const folder of folders) {
    const record = usable.find(
      (candidate) => candidate.notificationUrl === notificationUrl && isOf(candidate, folder),
    );
    if (record === undefined || mute.some((one) => isOf(one, folder))) {
      plan.create.push(folder);
      continue;
    }
    chosen.add(record);
    if (missing.has(record.subscriptionId)) continue;
    (isDue(record, state) ? plan.renew : plan.keep).push(record);
  }

  // Of other folders, of an older URL, or a second one of the same folder.
  const surplus = usable.filter(
    (record) =>
      !chosen.has(record) && !missing.has(record.subscriptionId) && isKnown(record.mailboxId),
  );
  // Announced to us but not in our records: made by a process that died before it could record it.
  const orphans = live.filter(
    ({ id, resource, notificationUrl: url }) =>
      url === notificationUrl && !recorded.has(id.toLowerCase()) && isKnown(mailboxOf(resource)),
  );
  plan.remove = [
    ...surplus.map(({ subscriptionId }) => subscriptionId),
    ...orphans.map(({ id }) => id.toLowerCase()),
  ];
  return plan;
}

/** By the life that was granted, not by what was asked for: where Graph grants less, it is never young enough. */
function isDue(
  { expiresAt, renewedAt, lifeMs }: SubscriptionRecord,
  { now, lifetimeMs, renewBelow }: SubscriptionState,
): boolean {
  const justRenewed = renewedAt !== undefined && now - Date.parse(renewedAt) < RENEW_AGAIN_MS;
  return !justRenewed && Date.parse(expiresAt) - now < (lifeMs ?? lifetimeMs) * renewBelow;
}

/** As Graph spells it: `users/{id}/...` or `Users('{id}')/...`. */
function mailboxOf(resource: string): string {
  return /users(?:\/|\(')([^/')]+)/i.exec(resource)?.[1]?.toLowerCase() ?? '';
}

function isOf(record: FolderRef, { mailboxId, folderId }: FolderRef): boolean {
  return record.mailboxId === mailboxId && record.folderId === folderId;
}
