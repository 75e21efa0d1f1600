import { INBOUND_BYTES_MAX, type IngestMessage, type MessageMetadata } from '@ms1/contracts';
import type { SessionStore } from '@ms1/ledger';
import type { InboundProducer } from '@ms1/queue';
import { type Clock, failpoint } from '@ms1/runtime';
import { currentSpan, inSpan } from '@ms1/tracing';
import DataLoader from 'dataloader';

import type { HandleLifecycle, LifecycleRequest } from '../lifecycle/lifecycle-requests.ts';
import { NOTHING_OPENED, type Opened, type OpenNotifications } from '../rich/open-notifications.ts';
import type { Judgement, JudgeSenders, KnownSubscription } from './judge-senders.ts';
import { type Notification, readNotifications } from './read-notifications.ts';

/** What became of the items of one POST, for the metrics. */
export interface Accepted {
  noticed: number;
  lifecycle: number;
  unknown: number;
  forged: number;
  /** of ours, but of a kind that is not listened to */
  ignored: number;
  /** of a mailbox that is paused or removed */
  paused: number;
  unreadable: number;
}

export interface AcceptOptions {
  judge: JudgeSenders;
  /** whether mail of the mailbox is wanted at the moment; what is not taken now is found by delta later, if at all */
  isWanted: (mailboxId: string) => boolean;
  sessions: Pick<SessionStore, 'activeSessionOf'>;
  producer: Pick<InboundProducer, 'notice'>;
  lifecycle: HandleLifecycle;
  /** opens what rich notifications carry; without it they count as basic ones */
  open?: OpenNotifications | undefined;
  clock: Clock;
}

const NOTHING: Accepted = {
  noticed: 0,
  lifecycle: 0,
  unknown: 0,
  forged: 0,
  ignored: 0,
  paused: 0,
  unreadable: 0,
};

/** Subscriptions of one body; Graph gathers those of one app, and of a few at a time. */
const SENDERS_LOOKED_AT = 20;

/**
 * ms that the first POST of a round waits for others. A round costs four or five round trips to Redis:
 * at 500 notifications/s about one for each, for 10 of the 50 ms that an answer may take.
 */
const LINGER_MS = 10;

/** One POST's share of a round. */
interface Post {
  items: readonly Notification[];
  unreadable: number;
  opened: Opened;
  /** what is recorded of its request */
  span: ReturnType<typeof currentSpan>;
}

type CreatedMessage = KnownSubscription & {
  messageId: string;
  metadata: MessageMetadata | undefined;
};

/**
 * Takes the body of a notification POST. When it resolves, everything the body told of is in Redis;
 * what it was wrong about is counted and dropped, and whoever sent it learns nothing of that.
 *
 * @throws {NotificationsRefusedError} when the body is no collection of notifications
 * @throws when Redis did not take it: Graph must send it again
 */
export function createAcceptNotifications(options: AcceptOptions) {
  const take = (posts: readonly Post[]) => {
    const from = posts.map(({ span }) => span);
    return inSpan('take notifications', 'internal', () => acceptRound(options, posts), from);
  };
  const rounds = new DataLoader(take, {
    cache: false,
    batchScheduleFn: (carry) => setTimeout(carry, LINGER_MS),
  });
  return async (body: Buffer): Promise<Accepted> => {
    const notifications = readNotifications(body);
    if (await isAllUnknown(options.judge, notifications.items)) {
      return {
        ...NOTHING,
        unknown: notifications.items.length,
        unreadable: notifications.unreadable,
      };
    }
    const opened = await (options.open?.(notifications) ?? NOTHING_OPENED);
    return rounds.load({ ...notifications, opened, span: currentSpan() });
  };
}

export type AcceptNotifications = ReturnType<typeof createAcceptNotifications>;

/**
 * A look at the first senders of a body that names more than Graph ever puts into one: where none of them is known, nobody
 * is, and the rest costs nothing.
 */
async function isAllUnknown(judge: JudgeSenders, items: readonly Notification[]): Promise<boolean> {
  const senders = new Map<string, Notification>();
  for (const item of items) {
    senders.set(item.subscriptionId, item);
    if (senders.size > SENDERS_LOOKED_AT) break;
  }
  if (senders.size <= SENDERS_LOOKED_AT) return false;
  const judged = await judge([...senders.values()]);
  return judged.every((judgement) => 'refused' in judgement && judgement.refused === 'unknown');
}

/**
 * All POSTs that are in hand at about the same time are one round: looking up and putting on a queue costs the same handful
 * of round trips for one as for a hundred. All of them wait for the same writes, whatever is in them, and fail together.
 */
async function acceptRound(options: AcceptOptions, posts: readonly Post[]): Promise<Accepted[]> {
  const { judge, isWanted, lifecycle, producer } = options;
  const judged = await judge(posts.flatMap(({ items }) => items));
  const created: CreatedMessage[] = [];
  const requests: LifecycleRequest[] = [];
  let at = 0;
  const counts = posts.map(({ items, unreadable, opened }) => {
    const accepted = { ...NOTHING, unreadable };
    for (const item of items) {
      const judgement = judged[at] as Judgement;
      at += 1;
      if ('refused' in judgement) {
        accepted[judgement.refused] += 1;
      } else if (opened.refused.has(item)) {
        accepted.forged += 1;
      } else if (item.lifecycleEvent !== null) {
        requests.push({ event: item.lifecycleEvent, subscription: judgement.known });
        accepted.lifecycle += 1;
      } else if (item.messageId === null) {
        accepted.ignored += 1;
      } else if (isWanted(judgement.known.mailboxId)) {
        const metadata = opened.metadata.get(item);
        created.push({ ...judgement.known, messageId: item.messageId, metadata });
        accepted.noticed += 1;
      } else {
        accepted.paused += 1;
      }
    }
    return accepted;
  });
  await Promise.all([
    requests.length > 0 ? lifecycle(requests) : undefined,
    created.length > 0 ? producer.notice(await toMessages(options, created)) : undefined,
  ]);
  await failpoint('ingest-api:before-answer');
  return counts;
}

async function toMessages(
  { sessions, clock }: AcceptOptions,
  created: readonly CreatedMessage[],
): Promise<IngestMessage[]> {
  const noticedAt = new Date(clock.now()).toISOString();
  // Each mailbox of a round once, all of them in one command.
  const mailboxes = [...new Set(created.map(({ mailboxId }) => mailboxId))];
  const found = await Promise.all(mailboxes.map((id) => sessions.activeSessionOf(id)));
  const sessionOf = new Map(mailboxes.map((id, index) => [id, found[index] ?? null]));
  return created.map(({ tenantId, mailboxId, folderId, messageId, metadata }) => {
    const sessionId = sessionOf.get(mailboxId) ?? null;
    const place = { tenantId, mailboxId, folderId };
    return withMetadata(
      { v: 1, ...place, messageId, source: 'webhook', sessionId, noticedAt },
      metadata,
    );
  });
}

/** It travels along where it fits, so that nobody asks Graph for it again. */
function withMetadata(bare: IngestMessage, metadata?: MessageMetadata): IngestMessage {
  if (metadata === undefined) return bare;
  const whole = { ...bare, metadata };
  return Buffer.byteLength(JSON.stringify(whole)) <= INBOUND_BYTES_MAX ? whole : bare;
}
