import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SubscriptionRecord, SubscriptionStore } from '@ms1/mailboxes';

/** What a notification may be trusted with: whose folder it is about. */
export type KnownSubscription = Pick<
  SubscriptionRecord,
  'subscriptionId' | 'tenantId' | 'mailboxId' | 'folderId'
>;

/** Who a notification claims to come from. */
interface Sender {
  subscriptionId: string;
  clientState: string;
}

export type Judgement = { known: KnownSubscription } | { refused: 'unknown' | 'forged' };

/** The subscription of each sender, if there is one and the sender knows its secret. One look-up for all. */
export type JudgeSenders = (senders: readonly Sender[]) => Promise<Judgement[]>;

/**
 * Nothing is remembered from one round to the next: a look-up costs one round trip for all senders of a
 * round, a subscription is known the moment it is recorded and unknown the moment it is removed, and an
 * answer tells nobody by its time whether a subscription was asked for before (docs/reliability.md#one-answer).
 */
export function createJudgeSenders(
  subscriptions: Pick<SubscriptionStore, 'getMany'>,
): JudgeSenders {
  // What an unknown subscription is compared with, so that it costs what a forged secret costs.
  const nobody = randomBytes(32).toString('base64url');

  return async (senders) => {
    const digest = rememberDigests();
    const ids = [...new Set(senders.map(({ subscriptionId }) => subscriptionId))];
    const records = await subscriptions.getMany(ids);
    const found = new Map(
      ids.map((id, index) => {
        const record = records[index];
        return [id, { known: record ? pick(record) : null, secret: record?.clientState ?? nobody }];
      }),
    );
    return senders.map(({ subscriptionId, clientState }) => {
      const entry = found.get(subscriptionId);
      // Digests: texts that differ in length would throw, which tells as much as a comparison that stops early
      // (docs/reliability.md#secrets-compared).
      const equal = timingSafeEqual(digest(clientState), digest(entry?.secret ?? nobody));
      if (!entry?.known) return { refused: 'unknown' };
      return equal && clientState !== '' ? { known: entry.known } : { refused: 'forged' };
    });
  };
}

function pick({ subscriptionId, tenantId, mailboxId, folderId }: KnownSubscription) {
  return { subscriptionId, tenantId, mailboxId, folderId };
}

/** Digests of one round: a body of 1,000 items mostly repeats the same few texts. */
function rememberDigests(): (text: string) => Buffer {
  const known = new Map<string, Buffer>();
  return (text) => {
    const digest = known.get(text) ?? createHash('sha256').update(text).digest();
    known.set(text, digest);
    return digest;
  };
}
