import { z } from 'zod';

import { Count, type Endpoints, IdParams, Reason } from './endpoint.ts';

const ForgetCounts = z
  .object({
    inbound: Count.meta({ description: 'jobs that wait or are in hand' }),
    outbound: Count,
    deadLetters: Count,
    events: Count.meta({ description: "lines of the queues' event streams" }),
    index: Count.meta({ description: 'entries of the lookup index' }),
  })
  .meta({ id: 'ForgetCounts' });

/** The account of one removal of personal data. It names nobody, and is kept as long as the operator log. */
export const ForgetAccount = z
  .object({
    id: z.string(),
    status: z.enum(['running', 'done', 'failed', 'interrupted']).meta({
      description: 'failed, interrupted: ask again; what was removed stays removed',
    }),
    dryRun: z.boolean(),
    who: z
      .string()
      .meta({ description: '16 bits of a hash of whom: anybody else may have the same' }),
    by: z.array(z.enum(['address', 'mailbox'])),
    reason: z.string(),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
    looked: Count.meta({ description: 'jobs that the last look read' }),
    found: ForgetCounts,
    removed: ForgetCounts,
    left: ForgetCounts.nullable().meta({
      description: 'what the last look found; null: it only looked',
    }),
    inHand: Count.meta({ description: 'of what is left: in the hands of a process' }),
    onTheWay: Count.meta({
      description: 'of what is left: read from the mailbox again, on its way to MS4',
    }),
    unreadable: Count.meta({
      description: 'jobs that could not be read: sealed by a key that the console lacks',
    }),
    messages: Count,
    keys: z.array(z.string()).meta({ description: 'of the messages, the first 1,000' }),
    redis: z.enum(['asked', 'off', 'refused']).nullable().meta({
      description: 'whether Redis was asked to rewrite its append-only file, or has none',
    }),
    notReached: z
      .array(z.string())
      .meta({ description: 'what you have to do elsewhere, in sentences' }),
  })
  .meta({ id: 'ForgetAccount' });
export type ForgetAccount = z.infer<typeof ForgetAccount>;

const Forget = z
  .strictObject({
    who: z.string().trim().min(3).max(320).meta({
      description: 'an address, the object id of a mailbox, or what the directory calls it',
    }),
    dryRun: z
      .boolean()
      .default(true)
      .meta({ description: 'only looks; nothing happens unless this is false' }),
    reason: Reason.meta({
      description: 'for the operator log: a case number, not a name',
    }),
  })
  .refine(({ dryRun, reason }) => dryRun || reason !== undefined, {
    path: ['reason'],
    message: 'say why',
  })
  .meta({ id: 'Forget' });

const tag = 'personal data';

export const forget = {
  'POST /forget': {
    tag,
    summary: 'Removes what is stored about an address or a mailbox, or only looks for it',
    description:
      'From jobs, dead letters, event streams and the lookup index. What waits is not lost: it is read from the mailbox again.',
    policy: 'admin',
    body: Forget,
    problems: [404, 409],
    responses: { 202: ForgetAccount },
  },
  'GET /forget/:id': {
    tag,
    summary: 'Progress of a removal: what it found, removed and left',
    // It names nobody, and its message keys are seen elsewhere too.
    policy: 'reader',
    params: IdParams,
    problems: [404],
    responses: { 200: ForgetAccount },
  },
} as const satisfies Endpoints;
