import { JOBS, type PollFolder, type RenewSubscriptions } from '@ms1/contracts';

import type { Notification } from '../notifications/read-notifications.ts';
import type { KnownSubscription } from '../notifications/subscription-lookup.ts';

/** Where polling jobs are asked for. The `polling` queue is one. */
interface PollingQueue {
  add(
    name: string,
    data: PollFolder | RenewSubscriptions,
    options: { jobId: string; attempts: number; removeOnComplete: boolean; removeOnFail: boolean },
  ): Promise<unknown>;
}

/** What is known of subscriptions, where the renewal looks. `SubscriptionStore` is one. */
export interface SubscriptionRecords {
  /** Makes the subscription due for renewal now. */
  expireNow(subscriptionId: string): Promise<void>;
  remove(subscriptionId: string): Promise<void>;
}

type LifecycleEvent = NonNullable<Notification['lifecycleEvent']>;

/** Does what an event of a subscription's life asks for; resolves when that is in Redis. */
export type HandleLifecycle = (
  event: LifecycleEvent,
  subscription: KnownSubscription,
) => Promise<void>;

export interface LifecycleOptions {
  polling: PollingQueue;
  records: SubscriptionRecords;
  /** names a folder in a job id, without telling whose it is */
  folderKey: (folder: { mailboxId: string; folderId: string }) => string;
}

/**
 * The documented reactions (Graph contract 1.8): after `missed` and `subscriptionRemoved` the folder is
 * walked, after the latter a new subscription is made too; `reauthorizationRequired` is answered by a
 * renewal, which reauthorizes as well.
 */
export function createLifecycle({
  polling,
  records,
  folderKey,
}: LifecycleOptions): HandleLifecycle {
  const walk = ({ tenantId, mailboxId, folderId }: KnownSubscription): Promise<unknown> =>
    polling.add(
      JOBS.pollFolder,
      { v: 1, tenantId, mailboxId, folderId },
      once(`asked-${folderKey({ mailboxId, folderId })}`),
    );
  const renew = (): Promise<unknown> =>
    polling.add(JOBS.renewSubscriptions, { v: 1 }, once('asked-renewal'));

  return async (event, subscription) => {
    switch (event) {
      case 'missed':
        await walk(subscription);
        return;
      case 'subscriptionRemoved':
        await records.remove(subscription.subscriptionId);
        await renew();
        await walk(subscription);
        return;
      case 'reauthorizationRequired':
        await records.expireNow(subscription.subscriptionId);
        await renew();
    }
  };
}

/**
 * One waiting request of a kind is enough, however often Graph asks: the job id says so. It must not
 * stay when it fails, or its id would block the next request; the schedulers are the retry.
 */
function once(jobId: string) {
  return { jobId, attempts: 1, removeOnComplete: true, removeOnFail: true };
}
