import { QUEUES } from '@ms1/contracts';
import { z } from 'zod';

import { Count, type Endpoints, Reason } from './endpoint.ts';

const QueueDepth = z
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

const SteerQueue = z
  .strictObject({ reason: Reason.meta({ description: 'kept in the log' }) })
  .meta({ id: 'SteerQueue' });

const tag = 'queues';
const steer = (summary: string) =>
  ({
    tag,
    summary,
    policy: 'operator',
    params: z.strictObject({ name: z.string().regex(/^[\w-]{1,64}$/) }),
    body: SteerQueue,
    problems: [404],
    responses: { 200: QueueDepth },
  }) as const;

export const queues = {
  'GET /queues': {
    tag,
    summary: `How much waits on each queue, and how long: ${Object.values(QUEUES).join(', ')}`,
    policy: 'reader',
    responses: { 200: z.array(QueueDepth) },
  },
  'POST /queues/:name/pause': steer('No worker takes a job of it; they finish those in hand'),
  'POST /queues/:name/resume': steer('Workers take its jobs again'),
} as const satisfies Endpoints;
