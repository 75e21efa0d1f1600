import { QUEUES } from '@ms1/contracts';
import { z } from 'zod';

import { ApiProblem } from './api-problem.ts';
import { defineRoute, type Route, reply } from './route.ts';

/** What the API shows of a queue, and what it may do to one. */
export interface SteeredQueue {
  readonly name: string;
  getJobCounts(...types: CountedType[]): Promise<Record<string, number>>;
  isPaused(): Promise<boolean>;
  pause(): Promise<unknown>;
  resume(): Promise<unknown>;
}

type CountedType = 'waiting' | 'prioritized' | 'active' | 'delayed' | 'failed' | 'completed';

const Count = z.int().min(0);
const QueueDepth = z
  .object({
    name: z.string(),
    waiting: Count.meta({ description: 'those with a priority too' }),
    active: Count,
    delayed: Count,
    failed: Count,
    completed: Count,
    paused: z.boolean(),
  })
  .meta({ id: 'QueueDepth' });

const QueueParams = z.strictObject({ name: z.string().regex(/^[\w-]{1,64}$/) });
const Steer = z
  .strictObject({
    reason: z.string().trim().min(1).max(200).optional().meta({ description: 'kept in the log' }),
  })
  .meta({ id: 'SteerQueue' });

const STEPS = {
  pause: 'Nobody takes a job of it any more; what is in hand is finished',
  resume: 'Its jobs are taken again',
} as const;

/** `/api/queues` */
export function queueRoutes(queues: readonly SteeredQueue[]): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/queues',
      tag: 'queues',
      summary: `How much waits on each queue: ${Object.values(QUEUES).join(', ')}`,
      policy: 'reader',
      responses: { 200: z.array(QueueDepth) },
      handle: async () => reply(200, await Promise.all(queues.map(depthOf))),
    }),
    ...(['pause', 'resume'] as const).map((step) =>
      defineRoute({
        method: 'post',
        path: `/queues/:name/${step}`,
        tag: 'queues',
        summary: STEPS[step],
        policy: 'operator',
        params: QueueParams,
        body: Steer,
        problems: [404],
        responses: { 200: QueueDepth },
        async handle({ params }) {
          const queue = queues.find(({ name }) => name === params.name);
          if (!queue) throw new ApiProblem({ title: 'There is no such queue', status: 404 });
          await queue[step]();
          return reply(200, await depthOf(queue));
        },
      }),
    ),
  ];
}

async function depthOf(queue: SteeredQueue): Promise<z.infer<typeof QueueDepth>> {
  const [counts, paused] = await Promise.all([
    queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed', 'completed'),
    queue.isPaused(),
  ]);
  return {
    name: queue.name,
    waiting: (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0),
    active: counts['active'] ?? 0,
    delayed: counts['delayed'] ?? 0,
    failed: counts['failed'] ?? 0,
    completed: counts['completed'] ?? 0,
    paused,
  };
}
