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
  /** by shard, where a queue has several */
  queues: readonly SteeredQueue[];
  /** of these queues */
  depths: () => Promise<QueueDepth[]>;
}

/** `/api/queues` */
export function queueRoutes({ queues, depths }: QueueSources) {
  const read = async () => {
    const [found, completed] = await Promise.all([
      depths(),
      Promise.all(queues.map((queue) => queue.getCompletedCount())),
    ]);
    return found.map((depth) => {
      const { lastFailedAt: _, oldestId: __, ...shown } = depth;
      const ended = completed.filter((_count, index) => queues[index]?.name === depth.name);
      const sum = ended.reduce((all, count) => all + count, 0);
      return { ...shown, completed: sum, oldestAt: rfc3339(depth.oldestAt) };
    });
  };
  const step =
    (action: 'pause' | 'resume') =>
    async ({ params }: { params: { name: string } }) => {
      const parts = queues.filter(({ name }) => name === params.name);
      await Promise.all(parts.map((queue) => queue[action]()));
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
