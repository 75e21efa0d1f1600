import type { Ledger, SessionStore } from '@ms1/ledger';
import { z } from 'zod';
import type { MailboxFolders } from '../sessions/mailbox-folders.ts';

import { defineRoute, type Route, reply } from './route.ts';
import { Counts } from './state-counts.ts';

const Status = z
  .object({
    mailboxes: z.int(),
    folders: z.array(z.string()),
    sessions: z.object({ unfinished: z.int(), ids: z.array(z.string()) }),
    ledger: Counts,
  })
  .meta({ id: 'Status' });

export interface StatusSources {
  mailboxes: Pick<MailboxFolders, 'idsOf' | 'folderNames'>;
  ledger: Pick<Ledger, 'totals'>;
  sessions: Pick<SessionStore, 'unfinished'>;
}

/** `/api/status`: the service in one look */
export function statusRoutes({ mailboxes, ledger, sessions }: StatusSources): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/status',
      tag: 'status',
      summary: 'The service in one look',
      policy: 'reader',
      responses: { 200: Status },
      async handle() {
        const [totals, unfinished] = await Promise.all([ledger.totals(), sessions.unfinished()]);
        return reply(200, {
          mailboxes: mailboxes.idsOf('all').length,
          folders: mailboxes.folderNames(),
          sessions: { unfinished: unfinished.length, ids: unfinished },
          ledger: totals,
        });
      },
    }),
  ];
}
