import type { MailMessage } from '../mail/mail-message.ts';
import { etag, messageIdOf } from './message-view.ts';
import type { Subscription } from './subscription.ts';

export type ChangeType = 'created' | 'updated' | 'deleted';

/** One basic notification (Graph contract 1.2). It says that something changed, not what. */
export function notificationOf(
  subscription: Subscription,
  message: MailMessage,
  changeType: ChangeType,
  tenantId: string,
): object {
  const id = messageIdOf(message, subscription);
  const resource = `Users/${subscription.mailboxId}/Messages/${id}`;
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
  };
}
