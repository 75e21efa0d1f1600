import type { Ledger, SessionStore } from '@ms1/ledger';
import type { MailboxFolders } from '../sessions/mailbox-folders.ts';
import { type MailSources, mailFor } from './mail-routes.ts';
import { handle, reply } from './route.ts';

export interface StatusSources {
  mailboxes: Pick<MailboxFolders, 'idsOf' | 'folderNames'>;
  ledger: Pick<Ledger, 'totals'>;
  sessions: Pick<SessionStore, 'unfinished'>;
  mail: MailSources;
}

/** `/api/status`: the service in one look. `/api/me`: who the console takes its caller for, so that a page offers what they may do and no more. */
export function statusRoutes({ mailboxes, ledger, sessions, mail }: StatusSources) {
  return handle({
    async 'GET /status'() {
      const [totals, unfinished] = await Promise.all([ledger.totals(), sessions.unfinished()]);
      return reply(200, {
        mailboxes: mailboxes.idsOf('all').length,
        folders: mailboxes.folderNames(),
        sessions: { unfinished: unfinished.length, ids: unfinished },
        ledger: totals,
      });
    },
    'GET /me': async ({ caller: { role, by } }) =>
      reply(200, { role, by, mail: mailFor(mail, role) }),
  });
}
