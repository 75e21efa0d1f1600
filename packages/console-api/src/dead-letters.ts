import { QUEUES } from '@ms1/contracts';
import { z } from 'zod';

import { Count, type Endpoints, Moment, OffsetPage } from './endpoint.ts';
import { Asking, LetterFilter, needsReason, Operation } from './operations.ts';

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

const Clear = z
  .strictObject({
    ...LetterFilter.shape,
    /** must be said to mean every dead letter there is */
    all: z.boolean().default(false),
    ...Asking.shape,
  })
  .refine(({ stage, fingerprint, key, all }) => all || stage || fingerprint || key, {
    message: 'say which: key, fingerprint or stage, or all: true',
  })
  .refine(...needsReason)
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
    query: LetterFilter,
    responses: { 200: z.array(Group) },
  },
  'PATCH /dead-letters/groups/:id': {
    tag,
    summary: 'Notes what is done about a group, who does it, and until when it is no concern',
    description:
      'What is said of a group is kept for 35 days after its last change. Write no personal data into a note.',
    policy: 'operator',
    params: z.strictObject({ id: LetterFilter.shape.fingerprint.unwrap() }),
    body: ChangeTriage,
    responses: { 200: Triage },
  },
  'GET /dead-letters': {
    tag,
    summary: 'Dead letters one by one, the oldest of each queue first',
    policy: 'reader',
    query: z.strictObject({ ...LetterFilter.shape, ...OffsetPage.shape }),
    responses: { 200: z.array(Letter) },
  },
  'POST /dead-letters/replay': clear('Runs dead letters again, or lists those it would'),
  'POST /dead-letters/discard': clear('Discards dead letters for good, or lists those it would'),
} as const satisfies Endpoints;
