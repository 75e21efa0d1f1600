import { defineRoute, NoInput, type Route } from './route.ts';

/** What the API shows of a queue. */
export interface ObservedQueue {
  readonly name: string;
  getJobCounts(...types: CountedType[]): Promise<Record<string, number>>;
  isPaused(): Promise<boolean>;
}

type CountedType = 'waiting' | 'prioritized' | 'active' | 'delayed' | 'failed' | 'completed';

interface QueueDepth {
  name: string;
  /** those with a priority too */
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  completed: number;
  paused: boolean;
}

/** `/api/queues` */
export function queueRoutes(queues: readonly ObservedQueue[]): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/queues',
      policy: 'reader',
      input: NoInput,
      handle: async () => ({ status: 200, body: await Promise.all(queues.map(depthOf)) }),
    }),
  ];
}

async function depthOf(queue: ObservedQueue): Promise<QueueDepth> {
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
