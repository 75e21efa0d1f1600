import { z } from 'zod';

import { Count, type Endpoints, Page } from './endpoint.ts';

const MailboxDay = z
  .object({
    day: z.string().meta({ description: '2026-11-30, in UTC' }),
    mailboxId: z.string(),
    label: z.string(),
    received: Count.meta({ description: 'taken by a processor to its end' }),
    delivered: Count,
    timed: Count.meta({ description: 'of the delivered, all but the past of a session' }),
    late: Count.meta({ description: 'of the timed, later than a minute after their arrival' }),
    skipped: Count,
    dead: Count,
    unexplained: Count,
  })
  .meta({ id: 'MailboxDay' });

export const daily = {
  'GET /daily': {
    tag: 'mailboxes',
    summary: 'What became of the mail of each mailbox, by day (UTC), the latest day first',
    description:
      'Thirty days, and today so far; a day without mail of a mailbox is left out. A crash between a decision and its count makes these differ by a few: the ledger is exact.',
    policy: 'reader',
    query: Page,
    responses: { 200: z.array(MailboxDay) },
  },
} as const satisfies Endpoints;
