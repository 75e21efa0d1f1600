import { JOBS, type RenewSubscriptions } from '@ms1/contracts';
import type { SubscriptionStore } from '@ms1/mailboxes';
import { type AskedJob, askOnce } from '@ms1/queue';

import { handle, reply } from './route.ts';

/** What asking for a renewal needs of the `polling` queue. */
interface RenewalQueue {
  add(name: string, data: RenewSubscriptions, opts: AskedJob): Promise<unknown>;
}

export interface SubscriptionSources {
  subscriptions: Pick<SubscriptionStore, 'list'>;
  polling: RenewalQueue;
}

/** `/api/subscriptions`: what Graph announces, until when. Their shared secret is nobody's to see. */
export function subscriptionRoutes({ subscriptions, polling }: SubscriptionSources) {
  return handle({
    async 'GET /subscriptions'() {
      const records = await subscriptions.list();
      const body = records.map((shown) => ({
        subscriptionId: shown.subscriptionId,
        tenantId: shown.tenantId,
        mailboxId: shown.mailboxId,
        folderId: shown.folderId,
        expiresAt: shown.expiresAt,
      }));
      return reply(
        200,
        body.toSorted((a, b) => a.expiresAt.localeCompare(b.expiresAt)),
      );
    },
    async 'POST /subscriptions/renew'() {
      await polling.add(JOBS.renewSubscriptions, { v: 1 }, askOnce('renewal'));
      return reply(200, { asked: true as const });
    },
  });
}
