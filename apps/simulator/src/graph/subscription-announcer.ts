import type { FaultTable } from '../faults/fault-table.ts';
import type { Random } from '../generator/random.ts';
import type { Change } from '../ledger/lines.ts';
import type { MailFolder } from '../mail/mail-folder.ts';
import type { MailMessage } from '../mail/mail-message.ts';
import type { Mailbox } from '../mail/mailbox.ts';
import type { Announcer } from '../mail/post-office.ts';
import type { MessageView } from './message-view.ts';
import { type ChangeType, notificationOf } from './notification.ts';
import type { Notifier } from './notifier.ts';
import { readPreferences } from './preferences.ts';
import { encryptContent } from './rich/encryption.ts';
import type { Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface SubscriptionAnnouncerOptions {
  readonly subscriptions: Subscriptions;
  readonly notifier: Notifier;
  readonly faults: FaultTable;
  readonly view: MessageView;
  readonly tenantId: string;
  readonly random: Random;
}

const PLAIN = readPreferences({});

/** Turns what happens in mailboxes into notifications for whoever subscribed to it. */
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
    const { subscriptions, faults } = this.#options;
    for (const subscription of subscriptions.ofMailbox(mailbox.id)) {
      if (!this.#concerns(subscription, mailbox, message, folder, changeType)) continue;
      if (faults.strike('drop-notifications', mailbox.id)) continue;
      this.#send(mailbox, subscription, message, changeType, onDelivered);
      if (changeType === 'created' && faults.strike('notification-pair', mailbox.id)) {
        this.#send(mailbox, subscription, message, 'updated');
      }
    }
  }

  #send(
    mailbox: Mailbox,
    subscription: Subscription,
    message: MailMessage,
    changeType: ChangeType,
    onDelivered?: () => void,
  ): void {
    const { notifier, faults, tenantId, random } = this.#options;
    const { notificationUrl: url, appId, origin } = subscription;
    if (faults.strike('endpoint-slow', mailbox.id)) notifier.mark(url, 'delay');
    if (faults.strike('endpoint-drop', mailbox.id)) notifier.mark(url, 'drop');
    const encrypted = this.#encrypted(mailbox, subscription, message);
    const notification = notificationOf(subscription, message, changeType, tenantId, encrypted);
    const rich = encrypted && { appId, origin };
    const copies = faults.strike('notification-duplicate', mailbox.id)?.max ?? 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const shuffled = faults.strike('notification-shuffle', mailbox.id);
      const lateMs =
        (faults.strike('notification-late', mailbox.id)?.ms ?? 0) +
        (shuffled ? random.int(0, shuffled.ms) : 0);
      notifier.enqueue(url, { notification, onDelivered, rich }, lateMs);
    }
  }

  #encrypted(
    mailbox: Mailbox,
    { content, encryption, immutableIds }: Subscription,
    message: MailMessage,
  ): object | undefined {
    if (!content || !encryption) return undefined;
    const preferences = { ...PLAIN, immutableIds };
    const shown = this.#options.view.show(mailbox, message, { select: content, preferences });
    return encryptContent(shown, encryption);
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
