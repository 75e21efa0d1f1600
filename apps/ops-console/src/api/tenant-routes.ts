import type { AnswerOf } from '@ms1/console-api';
import type { MailboxDirectory } from '@ms1/mailboxes';

import { handle, reply } from './route.ts';

/** `/api/tenants`: whose mailboxes are read */
export function tenantRoutes(directory: Pick<MailboxDirectory, 'list'>) {
  return handle({
    async 'GET /tenants'() {
      const tenants = new Map<string, AnswerOf<'GET /tenants'>[number]>();
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
  });
}
