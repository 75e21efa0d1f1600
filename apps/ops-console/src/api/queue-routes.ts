import { QUEUES } from '@ms1/contracts';
import type { QueueDepth } from '@ms1/queue';
import { z } from 'zod';

import { ApiProblem } from './api-problem.ts';
import { rfc3339 } from './rfc3339.ts';
import { defineRoute, type Route, reply } from './route.ts';

/** What the API may do to a queue. */
interface SteeredQueue {
  readonly name: string;
  getCompletedCount(): Promise<number>;
  pause(): Promise<unknown>;
  resume(): Promise<unknown>;
}

const Count = z.int().min(0);
const Depth = z
  .object({
    name: z.string(),
    waiting: Count.meta({ description: 'those with a priority too' }),
    active: Count,
    delayed: Count,
    failed: Count,
    completed: Count,
    paused: z.boolean(),
    gatedForMs: z.number().meta({
      description:
        'for how long nobody may take a job: a Retry-After, an open breaker, a used-up rate',
    }),
    oldestAt: z
      .string()
      .nullable()
      .meta({ description: 'since when the next job to be taken waits' }),
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

export interface QueueSources {
  queues: readonly SteeredQueue[];
  /** of these queues, in their order */
  depths: () => Promise<QueueDepth[]>;
}

/** `/api/queues` */
export function queueRoutes({ queues, depths }: QueueSources): Route[] {
  const read = async (): Promise<z.infer<typeof Depth>[]> => {
    const [found, completed] = await Promise.all([
      depths(),
      Promise.all(queues.map((queue) => queue.getCompletedCount())),
    ]);
    return found.map((depth, index) => {
      const { lastFailedAt: _, oldestId: __, ...shown } = depth;
      return { ...shown, completed: completed[index] ?? 0, oldestAt: rfc3339(depth.oldestAt) };
    });
  };
  return [
    defineRoute({
      method: 'get',
      path: '/queues',
      tag: 'queues',
      summary: `How much waits on each queue, and how long: ${Object.values(QUEUES).join(', ')}`,
      policy: 'reader',
      responses: { 200: z.array(Depth) },
      handle: async () => reply(200, await read()),
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
        responses: { 200: Depth },
        async handle({ params }) {
          const queue = queues.find(({ name }) => name === params.name);
          await queue?.[step]();
          const depth = (await read()).find(({ name }) => name === params.name);
          if (!depth) throw new ApiProblem({ title: 'There is no such queue', status: 404 });
          return reply(200, depth);
        },
      }),
    ),
  ];
}
