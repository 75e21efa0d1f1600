import { z } from 'zod';

/** What a search looked at, so that finding nothing is not taken for an answer that it cannot give. */
export const Searched = z
  .object({
    by: z.array(z.string()).meta({ description: 'what was compared, in words' }),
    mailboxId: z.string().nullable().meta({ description: 'null: all that were ever watched' }),
    from: z.string().nullable().meta({ description: 'by when it was received; null: not by day' }),
    to: z.string().nullable(),
    where: z.string().meta({ description: 'the same as a clause' }),
    not: z.string().meta({ description: 'what this search cannot find, in a sentence or two' }),
  })
  .meta({ id: 'Searched' });
export type Searched = z.infer<typeof Searched>;

interface Query {
  key?: string | undefined;
  mailboxId?: string | undefined;
  messageId?: string | undefined;
  internetMessageId?: string | undefined;
  sender?: string | undefined;
  subject?: string | undefined;
}

const LEDGER_NOT =
  'Nothing found says only that no message of that id was noticed in the last 35 days, not that it did not arrive.';
const INDEX_NOT =
  'Not searched: names of people and firms, parts of an address or of a word, anything but the first eight words of a subject, bodies, attachments, other days, and mail that is not prepared yet or was skipped. Nothing found does not say that it did not arrive.';

/** @param days ms since the epoch between which mail was looked for; null where its id alone decided */
export function describeSearch(
  { key, mailboxId, messageId, internetMessageId, sender, subject }: Query,
  days: { from: number; to: number } | null,
): Searched {
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
