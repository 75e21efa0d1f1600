import type { StateCounts } from '@ms1/contracts';
import type { ConfiguredMailbox } from '@ms1/graph-client';

import { defineRoute, NoInput, type Route } from './route.ts';

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
      policy: 'reader',
      input: NoInput,
      async handle() {
        const [totals, unfinished] = await Promise.all([ledger.totals(), sessions.unfinished()]);
        return {
          status: 200,
          body: {
            mailboxes: mailboxes.length,
            folders,
            sessions: { unfinished: unfinished.length, ids: unfinished },
            ledger: totals,
          },
        };
      },
    }),
  ];
}
