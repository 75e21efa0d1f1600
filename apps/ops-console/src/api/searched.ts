import type { AnswerOf } from '@ms1/console-api';

import type { Asked } from './route.ts';

const LEDGER_NOT =
  'Nothing found says only that no message of that id was noticed in the last 35 days, not that it did not arrive.';
const INDEX_NOT =
  'Not searched: names of people and firms, parts of an address or of a word, anything but the first eight words of a subject, bodies, attachments, other days, and mail that is not prepared yet or was skipped. Nothing found does not say that it did not arrive.';

/** @param days ms since the epoch between which mail was looked for; null where its id alone decided */
export function describeSearch(
  { key, mailboxId, messageId, internetMessageId, sender, subject }: Asked<'POST /find'>['body'],
  days: { from: number; to: number } | null,
): AnswerOf<'POST /find'>['searched'] {
  const by =
    key !== undefined
      ? ['message key']
      : messageId !== undefined
        ? ['Graph id']
        : [
            ...(internetMessageId === undefined ? [] : ['whole Message-ID']),
            ...(sender === undefined ? [] : ['whole address of the sender']),
            ...(subject === undefined ? [] : ['whole words of the subject']),
          ];
  const from = days && new Date(days.from).toISOString();
  const to = days && new Date(days.to).toISOString();
  const mailbox = mailboxId === undefined ? 'in all mailboxes' : `in mailbox ${mailboxId}`;
  const when = from && to ? `received from ${from.slice(0, 10)} to ${to.slice(0, 10)}` : '';
  return {
    by: by.length > 0 ? by : ['mailbox and day'],
    mailboxId: mailboxId ?? null,
    from,
    to,
    where: [mailbox, when].filter(Boolean).join(', '),
    not: days ? INDEX_NOT : LEDGER_NOT,
  };
}
