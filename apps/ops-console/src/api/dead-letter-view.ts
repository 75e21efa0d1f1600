import { QUEUES } from '@ms1/contracts';
import { z } from 'zod';

const Stage = z.enum(QUEUES);
const Count = z.int().min(0);

export const Letter = z
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

export const Group = z
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
export const Preview = z
  .object({ dryRun: z.literal(true), action: Action, matched: Count, groups: z.array(Group) })
  .meta({ id: 'DeadLetterPreview' });

/** A replay or discard that was begun. */
export const Operation = z
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
