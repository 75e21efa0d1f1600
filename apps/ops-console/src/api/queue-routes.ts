import type { QueueDepth } from '@ms1/queue';

import { ApiProblem } from './api-problem.ts';
import { rfc3339 } from './rfc3339.ts';
import { handle, reply } from './route.ts';

/** What the API may do to a queue. */
interface SteeredQueue {
  readonly name: string;
  getCompletedCount(): Promise<number>;
  pause(): Promise<unknown>;
  resume(): Promise<unknown>;
}

export interface QueueSources {
  queues: readonly SteeredQueue[];
  /** of these queues, in their order */
  depths: () => Promise<QueueDepth[]>;
}

/** `/api/queues` */
export function queueRoutes({ queues, depths }: QueueSources) {
  const read = async () => {
    const [found, completed] = await Promise.all([
      depths(),
      Promise.all(queues.map((queue) => queue.getCompletedCount())),
    ]);
    return found.map((depth, index) => {
      const { lastFailedAt: _, oldestId: __, ...shown } = depth;
      return { ...shown, completed: completed[index] ?? 0, oldestAt: rfc3339(depth.oldestAt) };
    });
  };
  const step =
    (action: 'pause' | 'resume') =>
    async ({ params }: { params: { name: string } }) => {
      const queue = queues.find(({ name }) => name === params.name);
      await queue?.[action]();
      const depth = (await read()).find(({ name }) => name === params.name);
      if (!depth) throw new ApiProblem({ title: 'There is no such queue', status: 404 });
      return reply(200, depth);
    };
  return handle({
    'GET /queues': async () => reply(200, await read()),
    'POST /queues/:name/pause': step('pause'),
    'POST /queues/:name/resume': step('resume'),
  });
}
