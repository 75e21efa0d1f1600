import { randomUUID } from 'node:crypto';
import { type PollFolder, QUEUES, type RenewSubscriptions } from '@ms1/contracts';
import { Ledger, SessionStore } from '@ms1/ledger';
import { SubscriptionStore } from '@ms1/mailboxes';
import type { FleetProcess } from '@ms1/process';
import { createDurableAdd, InboundProducer, shardQueues } from '@ms1/queue';
import { type Progress, systemClock } from '@ms1/runtime';

import { createLifecycle } from './lifecycle/lifecycle-requests.ts';
import {
  type AcceptOptions,
  createAcceptNotifications,
} from './notifications/accept-notifications.ts';
import { createJudgeSenders, type JudgeSenders } from './notifications/judge-senders.ts';
import { tellProgress } from './notifications/tell-progress.ts';
import { createAdmission } from './webhook/admission.ts';
import { createWebhook, type WebhookOptions } from './webhook/create-webhook.ts';

export interface WireWebhookOptions
  extends Pick<WebhookOptions, 'addressOf' | 'lagMs' | 'onAnswered'> {
  isWanted: AcceptOptions['isWanted'];
  /** makes what opens notifications that carry their message; default: those are for nobody */
  openWith?: (judge: JudgeSenders) => AcceptOptions['open'];
  /** POSTs that are read; above it they are answered 503 */
  perSecond: number;
  progress: Progress;
}

/** Wires the way from a notification to `inbound` and `polling`. `createWebhook` lists the answers. */
export function wireWebhook(
  {
    redis,
    prefix,
    shards,
    payloads,
    queue,
  }: Pick<FleetProcess, 'redis' | 'prefix' | 'shards' | 'payloads' | 'queue'>,
  { isWanted, openWith, perSecond, progress, ...options }: WireWebhookOptions,
): ReturnType<typeof createWebhook> {
  const subscriptions = new SubscriptionStore(redis, { prefix });
  const producer = new InboundProducer({
    queues: shardQueues(queue, QUEUES.inbound, shards),
    ledger: new Ledger(redis, { prefix, shards }),
    payloads,
  });
  const judge = createJudgeSenders(subscriptions);
  return createWebhook({
    ...options,
    accept: tellProgress(
      progress,
      createAcceptNotifications({
        judge,
        open: openWith?.(judge),
        isWanted,
        sessions: new SessionStore(redis, { prefix, shards }),
        producer,
        lifecycle: createLifecycle({
          ask: createDurableAdd(queue<PollFolder | RenewSubscriptions>(QUEUES.polling)),
          subscriptions,
          clock: systemClock,
          newId: randomUUID,
        }),
        clock: systemClock,
      }),
    ),
    admission: createAdmission({ perSecond, now: () => performance.now() }),
  });
}
