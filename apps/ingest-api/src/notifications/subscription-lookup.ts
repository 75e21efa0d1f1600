import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@ms1/runtime';

/** What a notification may be trusted with: whose folder it is about. */
export interface KnownSubscription {
  subscriptionId: string;
  tenantId: string;
  mailboxId: string;
  folderId: string;
}

/** Where subscriptions are kept. `SubscriptionStore` is one. */
export interface SubscriptionSource {
  get(subscriptionId: string): Promise<(KnownSubscription & { clientState: string }) | null>;
}

/** The subscription of a notification, if there is one and the notification knows its secret. */
export type SubscriptionLookup = (
  subscriptionId: string,
  clientState: string,
) => Promise<{ known: KnownSubscription } | { refused: 'unknown' | 'forged' }>;

/** ms that a subscription is remembered: how long a removed one is still heard */
const KNOWN_MS = 60_000;
/** ms that an unknown id is remembered: how long a new subscription may go unheard; delta covers it */
const UNKNOWN_MS = 2_000;
/** Entries; a flood of invented ids must not fill the memory. */
const ENTRIES_MAX = 10_000;

interface Entry {
  subscription: KnownSubscription | null;
  digest: Buffer;
  until: number;
}

/**
 * Looks subscriptions up with a small cache. Secrets are compared as digests, in constant time,
 * because a comparison that stops early or throws on another length would tell how much of a forgery
 * was right (reliability T2). An unknown subscription costs the same comparison.
 */
export function createSubscriptionLookup(
  source: SubscriptionSource,
  clock: Clock,
): SubscriptionLookup {
  const entries = new Map<string, Entry>();

  const find = async (id: string): Promise<Entry> => {
    const cached = entries.get(id);
    if (cached && clock.now() < cached.until) return cached;
    const found = await source.get(id);
    const entry: Entry = {
      subscription: found && pick(found),
      digest: digestOf(found?.clientState ?? ''),
      until: clock.now() + (found ? KNOWN_MS : UNKNOWN_MS),
    };
    entries.delete(id);
    entries.set(id, entry);
    // Maps keep the order of insertion: the first is the oldest.
    for (const oldest of entries.keys()) {
      if (entries.size <= ENTRIES_MAX) break;
      entries.delete(oldest);
    }
    return entry;
  };

  return async (subscriptionId, clientState) => {
    const { subscription, digest } = await find(subscriptionId);
    const equal = timingSafeEqual(digestOf(clientState), digest);
    if (subscription === null) return { refused: 'unknown' };
    return equal && clientState !== '' ? { known: subscription } : { refused: 'forged' };
  };
}

function pick({ subscriptionId, tenantId, mailboxId, folderId }: KnownSubscription) {
  return { subscriptionId, tenantId, mailboxId, folderId };
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
