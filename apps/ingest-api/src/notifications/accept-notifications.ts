import type { IngestMessage } from '@ms1/contracts';
import type { Clock } from '@ms1/runtime';

import type { HandleLifecycle } from '../lifecycle/lifecycle-requests.ts';
import type { SessionSource } from './open-sessions.ts';
import { readNotifications } from './read-notifications.ts';
import type { KnownSubscription, SubscriptionLookup } from './subscription-lookup.ts';

/** What became of the items of one POST, for the metrics. */
export interface Accepted {
  noticed: number;
  lifecycle: number;
  unknown: number;
  forged: number;
  /** of a kind that is not listened to, or not readable */
  ignored: number;
}

export interface AcceptOptions {
  lookup: SubscriptionLookup;
  sessions: SessionSource;
  /** resolves when the messages are in Redis */
  notice: (messages: IngestMessage[]) => Promise<void>;
  lifecycle: HandleLifecycle;
  clock: Clock;
}

type CreatedMessage = KnownSubscription & { messageId: string };

/**
 * Takes the body of a notification POST. When it resolves, everything the body told of is in Redis;
 * what it was wrong about is counted and dropped, and whoever sent it learns nothing of that.
 *
 * @throws {NotificationsRefusedError} when the body is no collection of notifications
 * @throws when Redis did not take it: Graph must send it again
 */
export type AcceptNotifications = (body: Buffer) => Promise<Accepted>;

export function createAcceptNotifications(options: AcceptOptions): AcceptNotifications {
  const { lookup, sessions, notice, lifecycle, clock } = options;

  const toMessages = async (created: readonly CreatedMessage[]): Promise<IngestMessage[]> => {
    const noticedAt = new Date(clock.now()).toISOString();
    // Asked once for each mailbox of a POST, which may carry a hundred messages of one.
    const mailboxes = [...new Set(created.map(({ mailboxId }) => mailboxId))];
    const found = await Promise.all(mailboxes.map((id) => sessions.activeSessionOf(id)));
    const sessionOf = new Map(mailboxes.map((id, index) => [id, found[index] ?? null]));
    return created.map(({ tenantId, mailboxId, messageId }) => ({
      v: 1,
      tenantId,
      mailboxId,
      messageId,
      source: 'webhook',
      sessionId: sessionOf.get(mailboxId) ?? null,
      noticedAt,
    }));
  };

  return async (body) => {
    const { items, unreadable } = readNotifications(body);
    const accepted = { noticed: 0, lifecycle: 0, unknown: 0, forged: 0, ignored: unreadable };
    const created: CreatedMessage[] = [];
    for (const item of items) {
      const found = await lookup(item.subscriptionId, item.clientState);
      if ('refused' in found) {
        accepted[found.refused] += 1;
      } else if (item.lifecycleEvent !== null) {
        await lifecycle(item.lifecycleEvent, found.known);
        accepted.lifecycle += 1;
      } else if (item.messageId !== null) {
        created.push({ ...found.known, messageId: item.messageId });
        accepted.noticed += 1;
      } else {
        accepted.ignored += 1;
      }
    }
    await notice(await toMessages(created));
    return accepted;
  };
}
