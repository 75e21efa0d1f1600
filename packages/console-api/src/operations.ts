import { MESSAGE_STATES, QUEUES } from '@ms1/contracts';
import { z } from 'zod';

import { Count, type Endpoints, IdParams, MessageKey, Moment, Reason } from './endpoint.ts';

/** Which dead letters: those that match every given field. */
export const LetterFilter = z.strictObject({
  stage: z.enum([QUEUES.inbound, QUEUES.outbound]).optional(),
  fingerprint: z
    .string()
    .regex(/^[\w-]{12}$/)
    .optional(),
  key: MessageKey.optional(),
});

/** Which listed mail: what matches every given field. */
export const MailFilter = z.strictObject({
  mailboxId: z.guid().toLowerCase().optional(),
  state: z.enum(MESSAGE_STATES).optional(),
  reason: z.string().min(1).max(36).optional(),
  sessionId: z.string().min(1).max(64).optional(),
  from: Moment.optional(),
  to: Moment.optional(),
});

/** What an operation is asked with, beside which messages. */
export const Asking = z.strictObject({
  /** tells what would happen; nothing happens unless this is false */
  dryRun: z.boolean().default(true),
  perSecond: z.number().int().min(1).max(1_000).default(50),
  reason: Reason,
});

/** For `refine`: what is done is done for a reason. */
export const needsReason: [
  check: (asking: z.output<typeof Asking>) => boolean,
  problem: { path: string[]; message: string },
] = [
  ({ dryRun, reason }) => dryRun || reason !== undefined,
  { path: ['reason'], message: 'say why' },
];

/** A replay, discard or put-back that was begun. */
export const Operation = z
  .object({
    id: z.string(),
    action: z.enum(['replay', 'discard', 'put-back']),
    letters: LetterFilter.optional().meta({ description: 'which dead letters' }),
    mail: MailFilter.optional().meta({ description: 'or which listed mail' }),
    perSecond: z.number(),
    reason: z.string(),
    by: z.string().meta({ description: 'who asked, as far as it was proved' }),
    until: z.string().meta({ description: 'what fits only later is no part of it' }),
    matched: Count,
    status: z.enum(['running', 'done', 'cancelled']),
    done: Count,
    gone: Count.meta({ description: 'did not fit any more when it was their turn' }),
    lost: Count.meta({ description: 'replayed, and their data is lost: an audit puts them back' }),
    failed: Count.meta({ description: 'not done, and why' }),
    failures: z.record(z.string(), Count).meta({ description: 'by code, such as not_in_mailbox' }),
    later: Count.meta({ description: 'their mailbox is throttled: tried again at the end' }),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: 'Operation' });

const tag = 'operations';

export const operations = {
  'GET /operations': {
    tag,
    summary: 'Those that are under way, the oldest first',
    policy: 'reader',
    responses: { 200: z.array(Operation) },
  },
  'GET /operations/:id': {
    tag,
    summary: 'How far a replay, discard or put-back is',
    policy: 'reader',
    params: IdParams,
    problems: [404],
    responses: { 200: Operation },
  },
  'POST /operations/:id/cancel': {
    tag,
    summary: 'Stops it; what is done stays done',
    policy: 'operator',
    params: IdParams,
    problems: [404],
    responses: { 200: Operation },
  },
} as const satisfies Endpoints;
