import type { StateCounts } from '@ms1/contracts';
import type { ConfiguredMailbox } from '@ms1/graph-client';

import { z } from 'zod';

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
  mailboxes: readonly ConfiguredMailbox[];
  folders: readonly string[];
  ledger: { totals(): Promise<StateCounts> };
  sessions: { unfinished(): Promise<string[]> };
}

/** `/api/status`: the service in one look */
export function statusRoutes({ mailboxes, folders, ledger, sessions }: StatusSources): Route[] {
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
          mailboxes: mailboxes.length,
          folders: [...folders],
          sessions: { unfinished: unfinished.length, ids: unfinished },
          ledger: totals,
        });
      },
    }),
  ];
}
