import { QUEUES } from '@ms1/contracts';
import type { DeadLetter, DeadLetterFilter, DeadLetterGroup, DeadLetters } from '@ms1/queue';
import type { Clock } from '@ms1/runtime';
import { z } from 'zod';
import type {
  LetterOperation,
  LetterOperationStore,
} from '../dead-letters/letter-operation-store.ts';

import { ApiProblem } from './api-problem.ts';
import { Group, Letter, Operation, Preview } from './dead-letter-view.ts';
import { fromCursor, OffsetPage, toCursor } from './page.ts';
import { rfc3339 } from './rfc3339.ts';
import { defineRoute, IdParams, type Route, reply } from './route.ts';

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
const FilteredPage = z.strictObject({ ...filter, ...OffsetPage.shape });
/** The last letter of a page: its queue, when it died, its key. */
const Position = z.tuple([z.enum([QUEUES.inbound, QUEUES.outbound]), z.number(), z.string()]);
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
  })
  .meta({ id: 'ClearDeadLetters' });

const ACTIONS = {
  replay: 'Has dead letters run again, or says which would',
  discard: 'Ends dead letters for good, or says which would end',
} as const;

export interface DeadLetterSources {
  letters: Pick<DeadLetters, 'scan' | 'groups'>;
  operations: Pick<LetterOperationStore, 'create' | 'get' | 'end'>;
  clock: Clock;
}

/** `/api/dead-letters` */
export function deadLetterRoutes(sources: DeadLetterSources): Route[] {
  const { letters, operations } = sources;
  return [
    defineRoute({
      method: 'get',
      path: '/dead-letters/groups',
      tag: 'dead letters',
      summary: 'Dead letters by cause, the largest group first',
      policy: 'reader',
      query: Filter,
      responses: { 200: z.array(Group) },
      handle: async ({ query }) => reply(200, (await letters.groups(query)).map(presentGroup)),
    }),
    defineRoute({
      method: 'get',
      path: '/dead-letters',
      tag: 'dead letters',
      summary: 'Dead letters one by one, the oldest of each queue first',
      policy: 'reader',
      query: FilteredPage,
      responses: { 200: z.array(Letter) },
      async handle({ query: { limit, offset, cursor, ...which } }) {
        const [stage, failedAt, key] = fromCursor(Position, cursor) ?? [];
        const after = stage && failedAt !== undefined && key ? { stage, failedAt, key } : undefined;
        const page = await take(letters.scan(which, after), offset, limit);
        const last = page.length === limit ? page.at(-1) : undefined;
        return reply(200, page.map(presentLetter), {
          next: last && toCursor([last.stage, last.failedAt, last.key]),
        });
      },
    }),
    ...(['replay', 'discard'] as const).map((action) =>
      defineRoute({
        method: 'post',
        path: `/dead-letters/${action}`,
        tag: 'dead letters',
        summary: ACTIONS[action],
        policy: 'operator',
        body: Clear,
        responses: { 200: Preview, 202: Operation },
        handle: ({ body }) => clear(sources, action, body),
      }),
    ),
    defineRoute({
      method: 'get',
      path: '/dead-letters/operations/:id',
      tag: 'dead letters',
      summary: 'How far a replay or discard is',
      policy: 'reader',
      params: IdParams,
      problems: [404],
      responses: { 200: Operation },
      handle: async ({ params }) => reply(200, presentOperation(await operations.get(params.id))),
    }),
    defineRoute({
      method: 'post',
      path: '/dead-letters/operations/:id/cancel',
      tag: 'dead letters',
      summary: 'Stops a replay or discard; what is done stays done',
      policy: 'operator',
      params: IdParams,
      problems: [404],
      responses: { 200: Operation },
      async handle({ params }) {
        await operations.end(params.id, 'cancelled');
        return reply(200, presentOperation(await operations.get(params.id)));
      },
    }),
  ];
}

async function clear(
  { letters, operations, clock }: DeadLetterSources,
  action: 'replay' | 'discard',
  { dryRun, perSecond, reason = '', ...filtered }: z.infer<typeof Clear>,
): Promise<
  | { status: 200; body: z.infer<typeof Preview> }
  | { status: 202; body: z.infer<typeof Operation>; location: string }
> {
  const until = clock.now();
  const which = told(filtered);
  const groups = await letters.groups({ ...which, until });
  const matched = groups.reduce((sum, { count }) => sum + count, 0);
  if (dryRun) {
    const body = { dryRun: true as const, action, matched, groups: groups.map(presentGroup) };
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
  return { status: 202, body: presentOperation(operation), location };
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

function presentOperation(operation: LetterOperation | null): z.infer<typeof Operation> {
  if (!operation) throw new ApiProblem({ title: 'There is no such operation', status: 404 });
  const { until, createdAt, finishedAt, ...rest } = operation;
  const times = { createdAt: rfc3339(createdAt), finishedAt: rfc3339(finishedAt) };
  return { ...rest, until: rfc3339(until), ...times };
}

function presentGroup({
  firstAt,
  lastAt,
  sample,
  ...group
}: DeadLetterGroup): z.infer<typeof Group> {
  const times = { firstAt: rfc3339(firstAt), lastAt: rfc3339(lastAt) };
  return { ...group, ...times, sample: presentLetter(sample) };
}

function presentLetter({ createdAt, failedAt, ...letter }: DeadLetter): z.infer<typeof Letter> {
  return { ...letter, createdAt: rfc3339(createdAt), failedAt: rfc3339(failedAt) };
}
