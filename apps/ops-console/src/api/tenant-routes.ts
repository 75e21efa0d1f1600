import type { MailboxDirectory } from '@ms1/mailboxes';
import { z } from 'zod';

import { defineRoute, type Route, reply } from './route.ts';

const TenantView = z
  .object({
    tenantId: z.string(),
    mailboxes: z.object({ active: z.int(), paused: z.int(), removed: z.int() }),
  })
  .meta({ id: 'Tenant' });

/** `/api/tenants`: whose mailboxes are read */
export function tenantRoutes(directory: Pick<MailboxDirectory, 'list'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/tenants',
      tag: 'mailboxes',
      summary: 'Tenants, with how many mailboxes of each are in which state',
      policy: 'reader',
      responses: { 200: z.array(TenantView) },
      async handle() {
        const tenants = new Map<string, z.infer<typeof TenantView>>();
        for (const { tenantId, state } of (await directory.list()).entries) {
          const mailboxes = { active: 0, paused: 0, removed: 0 };
          const tenant = tenants.get(tenantId) ?? { tenantId, mailboxes };
          tenant.mailboxes[state] += 1;
          tenants.set(tenantId, tenant);
        }
        const body = [...tenants.values()];
        return reply(
          200,
          body.toSorted((a, b) => a.tenantId.localeCompare(b.tenantId)),
        );
      },
    }),
  ];
}
