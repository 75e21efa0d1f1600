import { foldText, type MailKind } from '@ms1/contracts';

import type { GraphMessage } from './graph-message.ts';

/** Meeting requests, their cancellations and answers, and invitations to a calendar (docs/graph-contract.md#message-properties). */
const MEETING = /(?:event|calendarsharing)message(?:request|response)?$/;

/** Who sends reports of what was not delivered, by the name before the @. Exchange writes in a name of its own. */
const REPORTER = /^(?:mailer-daemon|postmaster|microsoftexchange[0-9a-f]{32})$/;

/** What a message itself says that it is, without its headers and its files; undefined: nothing that is not mail. */
export function kindOfMessage(message: GraphMessage): MailKind | undefined {
  if (message.isDraft === true) return 'draft';
  if (MEETING.test(message['@odata.type']?.slice(0, 100).toLowerCase() ?? '')) return 'meeting';
  const { from, sender } = message;
  const address = from?.emailAddress?.address ?? sender?.emailAddress?.address ?? '';
  return REPORTER.test(foldText(address).split('@', 1)[0] ?? '') ? 'bounce' : undefined;
}
