import { JOBS, type RenewSubscriptions } from '@ms1/contracts';
import type { SubscriptionStore } from '@ms1/mailboxes';
import { type AskedJob, askOnce } from '@ms1/queue';
import { z } from 'zod';

import { defineRoute, type Route, reply } from './route.ts';

const SubscriptionView = z
  .object({
    subscriptionId: z.string(),
    tenantId: z.string(),
    mailboxId: z.string(),
    folderId: z.string(),
    expiresAt: z.string(),
  })
  .meta({ id: 'Subscription' });

/** What asking for a renewal needs of the `polling` queue. */
interface RenewalQueue {
  add(name: string, data: RenewSubscriptions, opts: AskedJob): Promise<unknown>;
}

export interface SubscriptionSources {
  subscriptions: Pick<SubscriptionStore, 'list'>;
  polling: RenewalQueue;
}

/** `/api/subscriptions`: what Graph announces, until when. Their shared secret is nobody's to see. */
export function subscriptionRoutes({ subscriptions, polling }: SubscriptionSources): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/subscriptions',
      tag: 'mailboxes',
      summary: 'Subscriptions at Graph, the first to expire first',
      policy: 'reader',
      responses: { 200: z.array(SubscriptionView) },
      async handle() {
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
    }),
    defineRoute({
      method: 'post',
      path: '/subscriptions/renew',
      tag: 'mailboxes',
      summary: 'Has every subscription created, renewed and repaired now',
      policy: 'operator',
      responses: { 200: z.object({ asked: z.literal(true) }) },
      async handle() {
        await polling.add(JOBS.renewSubscriptions, { v: 1 }, askOnce('renewal'));
        return reply(200, { asked: true as const });
      },
    }),
  ];
}
