import { folderKey, JOBS, type PollFolder, type RenewSubscriptions } from '@ms1/contracts';
import type { SubscriptionStore } from '@ms1/mailboxes';
import { type AskedJob, askOnce } from '@ms1/queue';
import { type Clock, failpoint } from '@ms1/runtime';

import type { KnownSubscription } from '../notifications/judge-senders.ts';
import type { Notification } from '../notifications/read-notifications.ts';

/** A job for the poller, with the options of BullMQ that it needs. */
interface PollingRequest {
  name: string;
  data: PollFolder | RenewSubscriptions;
  opts: AskedJob;
}

export interface LifecycleRequest {
  event: NonNullable<Notification['lifecycleEvent']>;
  subscription: KnownSubscription;
}

/** Does what the events of subscriptions' lives ask for; resolves when that is in Redis. */
export type HandleLifecycle = (requests: readonly LifecycleRequest[]) => Promise<void>;

export interface LifecycleOptions {
  /** adds to `polling` durably, like the inbound producer does to `inbound` */
  ask: (requests: readonly PollingRequest[]) => Promise<void>;
  subscriptions: Pick<SubscriptionStore, 'get' | 'put'>;
  clock: Clock;
  /** text that no other request has */
  newId: () => string;
}

/**
 * The documented reactions (docs/graph-contract.md#lifecycle-events): after `missed` and `subscriptionRemoved` the
 * folder is walked; `reauthorizationRequired` and `subscriptionRemoved` make the subscription due, and the renewal
 * either finds it and renews it, which reauthorizes as well, or finds it gone and makes a new one.
 *
 * The record of a removed subscription stays until the renewal replaces it: an event whose job could
 * not be written comes again, and must still be known by its secret then.
 */
export function createLifecycle(options: LifecycleOptions): HandleLifecycle {
  const { ask, newId } = options;

  const walk = ({ tenantId, mailboxId, folderId }: KnownSubscription): PollingRequest => ({
    name: JOBS.pollFolder,
    data: { v: 1, tenantId, mailboxId, folderId },
    opts: askOnce(`walk-${folderKey({ mailboxId, folderId })}`, newId()),
  });
  const renewal = (): PollingRequest => ({
    name: JOBS.renewSubscriptions,
    data: { v: 1 },
    opts: askOnce('renewal', newId()),
  });

  return async (requests) => {
    const due = new Set<string>();
    const wanted = new Map<string, PollingRequest>();
    const want = (request: PollingRequest): unknown =>
      wanted.set(request.opts.deduplication.id, request);
    for (const { event, subscription } of requests) {
      if (event !== 'missed') {
        due.add(subscription.subscriptionId);
        want(renewal());
      }
      if (event !== 'reauthorizationRequired') want(walk(subscription));
    }
    // Due before the renewal is asked for: it must not look before there is something to see.
    await Promise.all([...due].map((id) => expireNow(options, id)));
    await failpoint('ingest-api:after-due');
    await ask([...wanted.values()]);
  };
}

/** A record that expires now is one that the next renewal takes up, whatever its real expiry. */
async function expireNow(
  { subscriptions, clock }: LifecycleOptions,
  subscriptionId: string,
): Promise<void> {
  const record = await subscriptions.get(subscriptionId);
  if (record === null) return;
  await subscriptions.put({ ...record, expiresAt: new Date(clock.now()).toISOString() });
}
