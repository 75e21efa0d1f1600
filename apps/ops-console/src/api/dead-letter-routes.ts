import { QUEUES } from '@ms1/contracts';
import type { DeadLetter, DeadLetterFilter, DeadLetterGroup, DeadLetters } from '@ms1/queue';
import type { LetterOperation, LetterOperationStore } from '@ms1/store';
import { z } from 'zod';

import { ApiProblem } from './api-problem.ts';
import { Page } from './page.ts';
import { rfc3339 } from './rfc3339.ts';
import { defineRoute, NoInput, type Reply, type Route } from './route.ts';

const filter = {
  stage: z.enum([QUEUES.inbound, QUEUES.outbound]).optional(),
  fingerprint: z
    .string()
    .regex(/^[\w-]{12}$/)
    .optional(),
  key: z
    .string()
    .regex(/^[\w-]{22}$/)
    .optional(),
};
const Filter = z.strictObject(filter);
const FilteredPage = z.strictObject({ ...filter, ...Page.shape });
/** Letters that one operation may touch: whoever needs more asks again, having seen what happened. */
const LETTERS_MAX = 100_000;
const Clear = z
  .strictObject({
    ...filter,
    /** must be said to mean every dead letter there is */
    all: z.boolean().default(false),
    /** tells what would happen; nothing happens unless this is false */
    dryRun: z.boolean().default(true),
    perSecond: z.number().int().min(1).max(1_000).default(50),
    reason: z.string().trim().min(1).max(200).optional(),
  })
  .refine(({ stage, fingerprint, key, all }) => all || stage || fingerprint || key, {
    message: 'say which: key, fingerprint or stage, or all: true',
  })
  .refine(({ dryRun, reason }) => dryRun || reason !== undefined, {
    path: ['reason'],
    message: 'say why',
  });

export interface DeadLetterSources {
  letters: Pick<DeadLetters, 'scan' | 'groups'>;
  operations: Pick<LetterOperationStore, 'create' | 'get' | 'end'>;
  clock: { now(): number };
}

/** `/api/dead-letters` */
export function deadLetterRoutes(sources: DeadLetterSources): Route[] {
  const { letters, operations } = sources;
  return [
    defineRoute({
      method: 'get',
      path: '/dead-letters/groups',
      policy: 'reader',
      input: Filter,
      handle: async ({ input }) => ({
        status: 200,
        body: (await letters.groups(input)).map(presentGroup),
      }),
    }),
    defineRoute({
      method: 'get',
      path: '/dead-letters',
      policy: 'reader',
      input: FilteredPage,
      handle: async ({ input: { limit, offset, ...which } }) => ({
        status: 200,
        body: (await take(letters.scan(which), offset, limit)).map(presentLetter),
      }),
    }),
    ...(['replay', 'discard'] as const).map((action) =>
      defineRoute({
        method: 'post',
        path: `/dead-letters/${action}`,
        policy: 'operator',
        input: Clear,
        handle: ({ input }) => clear(sources, action, input),
      }),
    ),
    defineRoute({
      method: 'get',
      path: '/dead-letters/operations/:id',
      policy: 'reader',
      input: NoInput,
      handle: async ({ params }) => replyOf(await operations.get(params['id'] ?? '')),
    }),
    defineRoute({
      method: 'post',
      path: '/dead-letters/operations/:id/cancel',
      policy: 'operator',
      input: NoInput,
      async handle({ params }) {
        await operations.end(params['id'] ?? '', 'cancelled');
        return replyOf(await operations.get(params['id'] ?? ''));
      },
    }),
  ];
}

async function clear(
  { letters, operations, clock }: DeadLetterSources,
  action: 'replay' | 'discard',
  { dryRun, perSecond, reason = '', ...filtered }: z.infer<typeof Clear>,
): Promise<Reply> {
  const until = clock.now();
  const which = told(filtered);
  const groups = await letters.groups({ ...which, until });
  const matched = groups.reduce((sum, { count }) => sum + count, 0);
  if (dryRun) {
    const body = { dryRun, action, matched, groups: groups.map(presentGroup) };
    return { status: 200, body };
  }
  if (matched > LETTERS_MAX) {
    throw new ApiProblem({
      type: 'too_many_letters',
      title: `One operation takes at most ${LETTERS_MAX} dead letters`,
      status: 409,
    });
  }
  const request = { action, perSecond, reason, until, matched, ...which };
  const operation = await operations.create(request);
  const location = `/api/dead-letters/operations/${operation.id}`;
  return { ...replyOf(operation), status: 202, location };
}

/** Without what was not told. */
function told({ stage, fingerprint, key }: DeadLetterFilter) {
  return { ...(stage && { stage }), ...(fingerprint && { fingerprint }), ...(key && { key }) };
}

async function take<T>(from: AsyncIterable<T>, offset: number, limit: number): Promise<T[]> {
  const taken: T[] = [];
  let index = 0;
  for await (const one of from) {
    if (index >= offset) taken.push(one);
    index += 1;
    if (taken.length >= limit) break;
  }
  return taken;
}

function replyOf(operation: LetterOperation | null): Reply {
  if (!operation) throw new ApiProblem({ title: 'There is no such operation', status: 404 });
  const { until, createdAt, finishedAt, ...rest } = operation;
  const times = { createdAt: rfc3339(createdAt), finishedAt: rfc3339(finishedAt) };
  return { status: 200, body: { ...rest, until: rfc3339(until), ...times } };
}

function presentGroup({ firstAt, lastAt, sample, ...group }: DeadLetterGroup): object {
  const times = { firstAt: rfc3339(firstAt), lastAt: rfc3339(lastAt) };
  return { ...group, ...times, sample: presentLetter(sample) };
}

function presentLetter({ createdAt, failedAt, ...letter }: DeadLetter): object {
  return { ...letter, createdAt: rfc3339(createdAt), failedAt: rfc3339(failedAt) };
}
