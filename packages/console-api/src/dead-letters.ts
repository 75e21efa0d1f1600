import { QUEUES } from '@ms1/contracts';
import { z } from 'zod';

import {
  Count,
  type Endpoints,
  IdParams,
  MessageKey,
  Moment,
  OffsetPage,
  Reason,
} from './endpoint.ts';

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

/** What operators have said of a group. */
const Triage = z
  .object({
    note: z.string().nullable(),
    assignee: z.string().nullable(),
    snoozedUntil: z
      .string()
      .nullable()
      .meta({ description: 'until then the group is no concern; in the past: it is back' }),
    replayedAt: z.string().nullable().meta({ description: 'when it was last replayed' }),
    grewAfterReplay: z.boolean().meta({ description: 'letters have died of it since' }),
    at: z.string(),
  })
  .meta({ id: 'DeadLetterTriage' });

const Group = z
  .object({
    fingerprint: z.string(),
    stage: Stage,
    cause: z.string(),
    count: Count,
    firstAt: z.string(),
    lastAt: z.string(),
    sample: Letter,
    advice: z.string().meta({ description: 'what it means and what to do, in a sentence or two' }),
    triage: Triage.nullable(),
  })
  .meta({ id: 'DeadLetterGroup' });

const FINGERPRINT = /^[\w-]{12}$/;

/** A member that is null is taken away; one that is not given stays as it is. */
const ChangeTriage = z
  .strictObject({
    note: z.string().trim().min(1).max(500).nullable().optional(),
    assignee: z.string().trim().min(1).max(64).nullable().optional(),
    snoozedUntil: Moment.nullable().optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'say what to change')
  .meta({ id: 'ChangeDeadLetterTriage' });

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
  fingerprint: z.string().regex(FINGERPRINT).optional(),
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
  'PATCH /dead-letters/groups/:id': {
    tag,
    summary: 'Notes what is done about a group, who does it, and until when it is no concern',
    description:
      'What is said of a group is kept for 35 days after its last change. Write no personal data into a note.',
    policy: 'operator',
    params: z.strictObject({ id: z.string().regex(FINGERPRINT) }),
    body: ChangeTriage,
    responses: { 200: Triage },
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
