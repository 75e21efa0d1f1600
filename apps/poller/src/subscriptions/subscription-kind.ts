/**
 * docs/graph-contract.md#subscription-lifetime: with content a subscription lives for 1,440 minutes at most; ten less
 * than that.
 */
const RICH_LIFETIME_MINUTES_MAX = 1_430;

export interface SubscriptionKind {
  notificationUrl: string;
  lifetimeMs: number;
}

/**
 * What subscriptions are to be like. Whether notifications carry content is fixed when a subscription is
 * made. The URL says which it is, so that those of the other kind are told apart and replaced, like
 * those of another URL; Graph keeps its query, and the webhook does not mind it
 * (docs/graph-contract.md#endpoint-validation).
 */
export function subscriptionKind(
  notificationUrl: string,
  lifetimeMinutes: number,
  { rich }: { rich: boolean },
): SubscriptionKind {
  if (!rich) return { notificationUrl, lifetimeMs: lifetimeMinutes * 60_000 };
  const minutes = Math.min(lifetimeMinutes, RICH_LIFETIME_MINUTES_MAX);
  return { notificationUrl: `${notificationUrl}?content=rich`, lifetimeMs: minutes * 60_000 };
}
