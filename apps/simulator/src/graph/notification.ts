import type { MailMessage } from '../mail/mail-message.ts';
import { etag, messageIdOf } from './message-view.ts';
import type { Subscription } from './subscription.ts';

export type ChangeType = 'created' | 'updated' | 'deleted';

type Spelling = (user: string, message: string, tenant: string) => string;

/**
 * The documents spell a resource in three ways (docs/graph-contract.md#notification-items); so do the notifications
 * here, in turn.
 */
const SPELLINGS: readonly [Spelling, ...Spelling[]] = [
  (user, message) => `Users/${user}/Messages/${message}`,
  (user, message) => `Users('${user}')/messages('${message}')`,
  (user, message, tenant) => `users/${user}@${tenant}/messages/${message}`,
];

/** One notification. It says that something changed; what, only where it was subscribed to with content. */
export function notificationOf(
  subscription: Subscription,
  message: MailMessage,
  changeType: ChangeType,
  tenantId: string,
  encryptedContent?: object,
): object {
  const id = messageIdOf(message, subscription);
  const spell = SPELLINGS[message.index % SPELLINGS.length] ?? SPELLINGS[0];
  const resource = spell(subscription.mailboxId, id, tenantId);
  return {
    subscriptionId: subscription.id,
    subscriptionExpirationDateTime: new Date(subscription.expiresAt).toISOString(),
    changeType,
    resource,
    resourceData: {
      '@odata.type': '#Microsoft.Graph.Message',
      '@odata.id': resource,
      '@odata.etag': etag(message),
      id,
    },
    clientState: subscription.clientState,
    tenantId,
    ...(encryptedContent && { encryptedContent }),
  };
}

export type LifecycleEvent = 'missed' | 'subscriptionRemoved' | 'reauthorizationRequired';

/** An event of a subscription's life: neither resource nor change type (docs/graph-contract.md#lifecycle-events). */
export function lifecycleNotificationOf(
  subscription: Subscription,
  lifecycleEvent: LifecycleEvent,
  tenantId: string,
): object {
  return {
    subscriptionId: subscription.id,
    subscriptionExpirationDateTime: new Date(subscription.expiresAt).toISOString(),
    tenantId,
    clientState: subscription.clientState,
    lifecycleEvent,
  };
}
