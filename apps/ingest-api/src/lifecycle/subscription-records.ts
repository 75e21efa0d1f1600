import type { Clock } from '@ms1/runtime';

import type { SubscriptionRecords } from './lifecycle-requests.ts';

/** Where subscriptions are kept. `SubscriptionStore` is one. */
export interface SubscriptionTable<T extends { expiresAt: string }> {
  get(subscriptionId: string): Promise<T | null>;
  put(record: T): Promise<void>;
}

/** A record that expires now is one that the next renewal takes up, whatever its real expiry. */
export function subscriptionRecords<T extends { expiresAt: string }>(
  table: SubscriptionTable<T>,
  clock: Clock,
): SubscriptionRecords {
  return {
    async expireNow(subscriptionId) {
      const record = await table.get(subscriptionId);
      if (record === null) return;
      await table.put({ ...record, expiresAt: new Date(clock.now()).toISOString() });
    },
  };
}
