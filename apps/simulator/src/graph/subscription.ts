import type { MailFolder } from '../mail/mail-folder.ts';
import type { MessageFilter } from './message-filter.ts';
import type { Encryption } from './rich/encryption.ts';

export interface Subscription {
  readonly id: string;
  readonly appId: string;
  readonly changeType: string;
  readonly resource: string;
  readonly mailboxId: string;
  /** undefined: the whole mailbox */
  readonly folder: MailFolder | undefined;
  readonly filter: MessageFilter | undefined;
  /** whether `Prefer: IdType="ImmutableId"` was sent on create: notifications name messages in that format for ever */
  readonly immutableIds: boolean;
  readonly clientState: string | null;
  readonly lifecycleNotificationUrl: string | null;
  readonly latestSupportedTlsVersion: string;
  /** what notifications carry of the message; undefined: nothing */
  readonly content: readonly string[] | undefined;
  encryption: Encryption | undefined;
  /** of the simulator, as the subscriber called it: who issues the tokens of rich notifications */
  readonly origin: string;
  notificationUrl: string;
  /** ms */
  expiresAt: number;
}

/** A subscription as Graph shows it. `clientState` is shown on create only (docs/graph-contract.md#client-state). */
export function showSubscription(subscription: Subscription, showClientState = false): object {
  return {
    id: subscription.id,
    resource: subscription.resource,
    applicationId: subscription.appId,
    changeType: subscription.changeType,
    clientState: showClientState ? subscription.clientState : null,
    notificationUrl: subscription.notificationUrl,
    notificationQueryOptions: null,
    notificationContentType: null,
    lifecycleNotificationUrl: subscription.lifecycleNotificationUrl,
    expirationDateTime: new Date(subscription.expiresAt).toISOString(),
    creatorId: '8ee44408-0679-472c-bc2a-692812af3437',
    includeResourceData: subscription.content ? true : null,
    latestSupportedTlsVersion: subscription.latestSupportedTlsVersion,
    encryptionCertificate: subscription.encryption?.certificate ?? null,
    encryptionCertificateId: subscription.encryption?.certificateId ?? null,
    notificationUrlAppId: null,
  };
}
