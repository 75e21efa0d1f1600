import type { FaultTable } from '../faults/fault-table.ts';
import type { Change } from '../ledger/lines.ts';
import type { MailFolder } from '../mail/mail-folder.ts';
import type { MailMessage } from '../mail/mail-message.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import type { Announcer } from '../mail/post-office.ts';
import type { MessageView } from './message-view.ts';
import { type ChangeType, notificationOf } from './notification.ts';
import type { Notifier } from './notifier.ts';
import type { Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface SubscriptionAnnouncerOptions {
  readonly subscriptions: Subscriptions;
  readonly notifier: Notifier;
  readonly faults: FaultTable;
  readonly view: MessageView;
  readonly tenantId: string;
}

/** Turns what happens in mailboxes into notifications for whoever subscribed to it (Graph contract 1.2). */
export class SubscriptionAnnouncer implements Announcer {
  readonly #options: SubscriptionAnnouncerOptions;

  constructor(options: SubscriptionAnnouncerOptions) {
    this.#options = options;
  }

  created(mailbox: Mailbox, message: MailMessage, onDelivered?: () => void): void {
    let told = false;
    this.#announce(mailbox, message, message.folder, 'created', () => {
      if (!told) onDelivered?.();
      told = true;
    });
  }

  changed(mailbox: Mailbox, message: MailMessage, from: MailFolder | null, change: Change): void {
    if (change.kind === 'update') {
      return this.#announce(mailbox, message, message.folder, 'updated');
    }
    this.#announce(mailbox, message, from, 'deleted');
    // A move into a subscribed folder is an addition there.
    if (change.kind === 'move') this.#announce(mailbox, message, message.folder, 'created');
  }

  #announce(
    mailbox: Mailbox,
    message: MailMessage,
    folder: MailFolder | null,
    changeType: ChangeType,
    onDelivered?: () => void,
  ): void {
    const { subscriptions, notifier, faults, tenantId } = this.#options;
    for (const subscription of subscriptions.ofMailbox(mailbox.id)) {
      if (!this.#concerns(subscription, mailbox, message, folder, changeType)) continue;
      if (faults.strike('drop-notifications', mailbox.id)) continue;
      const notification = notificationOf(subscription, message, changeType, tenantId);
      notifier.enqueue(subscription.notificationUrl, { notification, onDelivered });
    }
  }

  #concerns(
    { changeType: wanted, folder: subscribed, filter }: Subscription,
    mailbox: Mailbox,
    message: MailMessage,
    folder: MailFolder | null,
    changeType: ChangeType,
  ): boolean {
    if (!wanted.split(',').includes(changeType)) return false;
    if (subscribed && subscribed !== folder) return false;
    return (
      filter?.matches({ message, content: () => this.#options.view.content(mailbox, message) }) ??
      true
    );
  }
}
