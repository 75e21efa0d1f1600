import type { Role } from '@ms1/console-api';

import { may } from '../auth/caller.ts';
import { type MailReader, without } from '../mail/mail-reader.ts';
import { handle, reply } from './route.ts';

export interface MailSources {
  reader: Pick<MailReader, 'read' | 'isOn'>;
  /** the least role that sees what is in mail; undefined: nobody does */
  piiRole: Role | undefined;
}

/** What this console shows a role of what is in mail. */
export function mailFor({ reader, piiRole }: MailSources, role: Role): 'shown' | 'hidden' | 'off' {
  if (piiRole === undefined || !may(role, piiRole)) return 'hidden';
  return reader.isOn ? 'shown' : 'off';
}

/** `/api/messages/:key/mail`: a POST, so that who looked is in the operator log. */
export function mailRoutes(sources: MailSources) {
  return handle({
    async 'POST /messages/:key/mail'({ params: { key }, caller }) {
      const isHidden = mailFor(sources, caller.role) === 'hidden';
      return reply(200, isHidden ? without('hidden') : await sources.reader.read(key));
    },
  });
}
