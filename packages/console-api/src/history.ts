import { z } from 'zod';

import { Count, type Endpoints, Moment } from './endpoint.ts';

const PerSecond = z.number().min(0).nullable();
const Most = Count.nullable();

const HistoryBucket = z
  .object({
    at: z.iso.datetime().meta({ description: 'when it begins' }),
    noticed: PerSecond.meta({ description: 'messages a second, the mean' }),
    prepared: PerSecond.meta({ description: 'messages a second, the mean' }),
    delivered: PerSecond.meta({ description: 'messages a second, the mean' }),
    inbound: Most.meta({ description: 'jobs on the queue, the most' }),
    outbound: Most.meta({ description: 'jobs on the queue, the most' }),
    walkedSecondsAgo: Most.meta({
      description: 'since the mailbox that was walked least recently was walked, the most',
    }),
    staleMailboxes: Most.meta({ description: 'not walked for five minutes, the most' }),
    deadLetters: Most.meta({ description: 'at its end' }),
  })
  .meta({
    id: 'HistoryBucket',
    description: 'A stretch of time. All but its beginning is null while no console looked',
  });

const range = z.enum(['hour', 'day', 'month']);

const History = z
  .object({
    range,
    stepSeconds: z.int().meta({ description: 'how long a bucket is' }),
    now: z.iso.datetime().meta({ description: 'the last bucket is under way' }),
    buckets: z.array(HistoryBucket).meta({ description: 'the oldest first, without a hole' }),
  })
  .meta({ id: 'History' });

export const history = {
  'GET /history': {
    tag: 'status',
    summary: 'Rates, depths, freshness and dead letters over time',
    description:
      'An hour in steps of 10 seconds, a day of 5 minutes, 35 days (`month`) of 3 hours. With `from` the finest that reaches back as far.',
    policy: 'reader',
    query: z.strictObject({
      range: range.default('hour').meta({ description: 'not looked at with `from`' }),
      from: Moment.optional(),
      to: Moment.optional(),
      points: z.coerce.number().int().min(1).max(360).default(360).meta({
        description: 'buckets at most: several become one that is as much longer',
      }),
    }),
    responses: { 200: History },
  },
} as const satisfies Endpoints;
