import type { AnswerOf } from '@ms1/console-api';
import { DAY_MS, dayOf, type MailboxSnapshot, type TallyStore } from '@ms1/mailboxes';
import type { Clock } from '@ms1/runtime';
import { z } from 'zod';

import { fromCursor, toCursor } from './page.ts';
import { handle, reply } from './route.ts';

/** Days before today that tallies are kept for. */
const DAYS = 30;

/** The last line of a page: its day, and its mailbox. */
const Position = z.tuple([z.int(), z.string()]);

export interface DailySources {
  tallies: Pick<TallyStore, 'read'>;
  mailboxes: { readonly current: Pick<MailboxSnapshot, 'entries'> };
  clock: Clock;
}

/** `/api/daily`: what became of mail, by day and mailbox */
export function dailyRoutes(sources: DailySources) {
  return handle({
    async 'GET /daily'({ query: { limit, cursor } }) {
      const today = dayOf(sources.clock.now());
      const [begin = today, after = ''] = fromCursor(Position, cursor) ?? [];
      const rows: AnswerOf<'GET /daily'> = [];
      for (let day = Math.min(begin, today); day >= today - DAYS; day -= 1) {
        for (const row of await rowsOf(sources, day, day === begin ? after : '')) {
          rows.push(row);
          if (rows.length < limit) continue;
          return reply(200, rows, { next: toCursor([day, row.mailboxId]) });
        }
      }
      return reply(200, rows);
    },
  });
}

/** Of a day, by the mailbox's id. */
async function rowsOf({ tallies, mailboxes }: DailySources, day: number, after: string) {
  const listed = mailboxes.current.entries
    .filter(({ mailboxId }) => mailboxId > after)
    .toSorted((a, b) => (a.mailboxId < b.mailboxId ? -1 : 1));
  const each = await tallies.read(
    listed.map(({ mailboxId }) => mailboxId),
    { first: day, last: day },
  );
  const name = new Date(day * DAY_MS).toISOString().slice(0, 10);
  return listed.flatMap(({ mailboxId, label }, index) => {
    const tally = each[index];
    if (!tally || Object.values(tally).every((count) => count === 0)) return [];
    const { read: received, ...counts } = tally;
    return [{ day: name, mailboxId, label, received, ...counts }];
  });
}
