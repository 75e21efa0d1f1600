import { expect, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';

import { SubscriptionStore } from '../src/index.ts';
import type { SubscriptionRecord } from '../src/subscription-store.ts';

const record: SubscriptionRecord = {
  subscriptionId: 's1',
  tenantId: 't',
  mailboxId: 'm',
  folderId: 'inbox',
  clientState: 'secret',
  expiresAt: '2026-11-29T00:00:00Z',
  notificationUrl: 'https://example.com/webhooks/graph',
};

test('finds, lists, replaces and removes subscriptions by their id', async () => {
  await using opened = await openRedis();
  const subscriptions = new SubscriptionStore(opened.redis);
  await subscriptions.put(record);
  await subscriptions.put({ ...record, subscriptionId: 's2' });
  await subscriptions.put({ ...record, expiresAt: '2026-12-01T00:00:00Z' });
  expect(await subscriptions.get('s1')).toEqual({ ...record, expiresAt: '2026-12-01T00:00:00Z' });
  expect(await subscriptions.list()).toHaveLength(2);
  await subscriptions.remove('s1');
  await subscriptions.remove('s1');
  expect(await subscriptions.get('s1')).toBeNull();
});
