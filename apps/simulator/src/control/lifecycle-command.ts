import { z } from 'zod';

import type { FaultTable } from '../faults/fault-table.ts';
import { lifecycleNotificationOf } from '../graph/notification.ts';
import type { Notifier } from '../graph/notifier.ts';
import type { Subscriptions } from '../graph/subscriptions.ts';
import type { Reply } from '../http/call.ts';

export const LifecycleCommand = z.strictObject({
  event: z.enum(['missed', 'subscriptionRemoved', 'reauthorizationRequired']),
  /** only its subscriptions; default: all there are */
  mailboxId: z.string().optional(),
  /** how often each is told */
  times: z.int().min(1).max(100).default(1),
});
export type LifecycleCommand = z.infer<typeof LifecycleCommand>;

interface Parts {
  readonly subscriptions: Subscriptions;
  readonly notifier: Notifier;
  readonly faults: FaultTable;
  readonly tenantId: string;
}

/** Lets an event happen in the life of subscriptions, and tells those who wanted to be told. */
export function letLifecycleHappen(
  { event, mailboxId, times }: LifecycleCommand,
  { subscriptions, notifier, faults, tenantId }: Parts,
): Reply {
  const concerned =
    mailboxId === undefined
      ? subscriptions.all()
      : subscriptions.ofMailbox(mailboxId.toLowerCase());
  let sent = 0;
  for (const subscription of concerned) {
    if (event === 'subscriptionRemoved') subscriptions.remove(subscription);
    const { lifecycleNotificationUrl: url, content, appId, origin } = subscription;
    if (url === null || faults.strike('drop-lifecycle', subscription.mailboxId)) continue;
    const notification = lifecycleNotificationOf(subscription, event, tenantId);
    const rich = content && { appId, origin };
    for (let time = 0; time < times; time += 1) notifier.enqueue(url, { notification, rich });
    sent += times;
  }
  return { status: 200, body: { subscriptions: concerned.length, sent } };
}
