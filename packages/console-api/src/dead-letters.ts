import { QUEUES } from '@ms1/contracts';
import { z } from 'zod';

import { Count, type Endpoints, IdParams, MessageKey, OffsetPage, Reason } from './endpoint.ts';

const Stage = z.enum(QUEUES);

const Letter = z
  .object({
    key: z.string(),
    stage: Stage,
    fingerprint: z.string(),
    cause: z.string(),
    attempts: Count,
    createdAt: z.string(),
    failedAt: z.string(),
  })
  .meta({ id: 'DeadLetter' });

const Group = z
  .object({
    fingerprint: z.string(),
    stage: Stage,
    cause: z.string(),
    count: Count,
    firstAt: z.string(),
    lastAt: z.string(),
    sample: Letter,
  })
  .meta({ id: 'DeadLetterGroup' });

const Action = z.enum(['replay', 'discard']);

/** What a replay or discard would do. */
const Preview = z
  .object({ dryRun: z.literal(true), action: Action, matched: Count, groups: z.array(Group) })
  .meta({ id: 'DeadLetterPreview' });

/** A replay or discard that was begun. */
const Operation = z
  .object({
    id: z.string(),
    action: Action,
    stage: Stage.optional(),
    fingerprint: z.string().optional(),
    key: z.string().optional(),
    perSecond: z.number(),
    reason: z.string(),
    until: z.string(),
    matched: Count,
    status: z.enum(['running', 'done', 'cancelled']),
    done: Count,
    gone: Count,
    lost: Count,
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: 'DeadLetterOperation' });

const filter = {
  stage: z.enum([QUEUES.inbound, QUEUES.outbound]).optional(),
  fingerprint: z
    .string()
    .regex(/^[\w-]{12}$/)
    .optional(),
  key: MessageKey.optional(),
};

const Clear = z
  .strictObject({
    ...filter,
    /** must be said to mean every dead letter there is */
    all: z.boolean().default(false),
    /** tells what would happen; nothing happens unless this is false */
    dryRun: z.boolean().default(true),
    perSecond: z.number().int().min(1).max(1_000).default(50),
    reason: Reason,
  })
  .refine(({ stage, fingerprint, key, all }) => all || stage || fingerprint || key, {
    message: 'say which: key, fingerprint or stage, or all: true',
  })
  .refine(({ dryRun, reason }) => dryRun || reason !== undefined, {
    path: ['reason'],
    message: 'say why',
  })
  .meta({ id: 'ClearDeadLetters' });

const tag = 'dead letters';
const clear = (summary: string) =>
  ({
    tag,
    summary,
    policy: 'operator',
    body: Clear,
    responses: { 200: Preview, 202: Operation },
  }) as const;

export const deadLetters = {
  'GET /dead-letters/groups': {
    tag,
    summary: 'Dead letters by cause, the largest group first',
    policy: 'reader',
    query: z.strictObject(filter),
    responses: { 200: z.array(Group) },
  },
  'GET /dead-letters': {
    tag,
    summary: 'Dead letters one by one, the oldest of each queue first',
    policy: 'reader',
    query: z.strictObject({ ...filter, ...OffsetPage.shape }),
    responses: { 200: z.array(Letter) },
  },
  'POST /dead-letters/replay': clear('Runs dead letters again, or lists those it would'),
  'POST /dead-letters/discard': clear('Discards dead letters for good, or lists those it would'),
  'GET /dead-letters/operations/:id': {
    tag,
    summary: 'Progress of a replay or discard',
    policy: 'reader',
    params: IdParams,
    problems: [404],
    responses: { 200: Operation },
  },
  'POST /dead-letters/operations/:id/cancel': {
    tag,
    summary: 'Stops a replay or discard; what is done stays done',
    policy: 'operator',
    params: IdParams,
    problems: [404],
    responses: { 200: Operation },
  },
} as const satisfies Endpoints;
