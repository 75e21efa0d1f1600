import { z } from 'zod';

import { Count, type Endpoints, StateCounts } from './endpoint.ts';

/** At once: as many as fit beside one another. */
const SESSIONS_MAX = 8;
const Id = '[\\w-]{1,64}';

const ComparedSession = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.enum(['open', 'closing', 'finished', 'incomplete', 'cancelled']),
    mailboxes: Count,
    from: z.string().nullable(),
    to: z.string().nullable(),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
    seconds: z.number().min(0).meta({ description: 'from its beginning to its end, or until now' }),
    perSecond: z
      .number()
      .min(0)
      .meta({ description: 'messages that became final, the mean over all of that time' }),
    found: Count,
    counts: StateCounts,
    reasons: z.record(z.string(), Count),
    requeued: Count,
    missing: Count.meta({ description: 'counted by Graph in its window and not listed' }),
    report: z
      .object({
        id: z.string(),
        status: z.enum(['running', 'explained', 'unexplained', 'incomplete']),
        listed: Count,
        unexplained: Count,
        repaired: Count,
      })
      .nullable()
      .meta({ description: 'null: it has none yet' }),
    service: z
      .object({
        stepSeconds: z.int().meta({ description: 'to which its beginning and end are known' }),
        inbound: Count.nullable(),
        outbound: Count.nullable(),
        walkedSecondsAgo: Count.nullable(),
        deadLetters: Count.nullable(),
      })
      .meta({
        description:
          'of the whole service while it ran, from the history: the most, and the last of dead letters',
      }),
  })
  .meta({ id: 'ComparedSession' });

export const compareSessions = {
  'GET /sessions/compare': {
    tag: 'sessions',
    summary: 'Two or more sessions side by side',
    policy: 'reader',
    query: z.strictObject({
      ids: z
        .string()
        .regex(new RegExp(`^${Id}(,${Id}){1,${SESSIONS_MAX - 1}}$`))
        .meta({ description: `two to ${SESSIONS_MAX}, separated by commas` }),
    }),
    problems: [404],
    responses: { 200: z.array(ComparedSession) },
  },
} as const satisfies Endpoints;
