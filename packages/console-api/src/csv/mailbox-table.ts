import type { AnswerOf } from '../routes.ts';
import { listTable } from './csv-table.ts';

type Mailbox = AnswerOf<'GET /mailboxes'>[number];

/** Mailboxes with how fresh they are. Counts and no percentages: a point in a number is a date to a German Excel. */
export const mailboxes = listTable<'GET /mailboxes'>('mailboxes', {
  mailbox: ({ label }) => label,
  mailbox_id: ({ mailboxId }) => mailboxId,
  tenant: ({ tenantId }) => tenantId,
  state: ({ state }) => state,
  from: ({ origin }) => origin,
  folders: ({ folders }) => folders.length,
  walked: ({ folders }) => first(folders.map(({ walkedAt }) => walkedAt)),
  subscribed_until: ({ folders }) =>
    first(folders.map((one) => one.subscription?.expiresAt ?? null)),
  announced: (mailbox) => pushed(mailbox, 'announced'),
  unannounced: (mailbox) => pushed(mailbox, 'unannounced'),
  timed_today: ({ onTime }) => onTime.today.timed,
  late_today: ({ onTime }) => onTime.today.late,
  timed_30_days: ({ onTime }) => onTime.month.timed,
  late_30_days: ({ onTime }) => onTime.month.late,
  unexplained: ({ folders }) =>
    folders.reduce((sum, { audited }) => sum + (audited?.unexplained ?? 0), 0),
  held: ({ held }) => held?.reason,
  held_until: ({ held }) => held?.until,
  session: ({ sessionId }) => sessionId,
});

/** Null where one has none: then that is what there is to know. */
function first(moments: readonly (string | null)[]): string | null {
  const [earliest = null] = moments.toSorted((a, b) => (a ?? '').localeCompare(b ?? ''));
  return earliest;
}

function pushed({ folders }: Mailbox, what: 'announced' | 'unannounced'): number {
  return folders.reduce((sum, { push }) => sum + (push?.[what] ?? 0), 0);
}
