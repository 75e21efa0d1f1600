import type { WaitingWork } from '@ms1/runtime';
import type { Queue } from 'bullmq';

import { readQueueDepths } from './read-queue-depths.ts';

/**
 * What waits on a queue, for a role's progress. A paused queue counts as empty: the console says that it is paused.
 *
 * @param queues a queue, by shard
 * @param passed a count that changes whenever any process gets something through
 */
export async function readWaitingWork(
  queues: readonly Queue[],
  passed?: () => Promise<number>,
): Promise<WaitingWork> {
  const [[depth], count] = await Promise.all([readQueueDepths(queues), passed?.()]);
  if (!depth || depth.paused) return { waiting: 0 };
  const { waiting, gatedForMs } = depth;
  return {
    waiting,
    ...(count !== undefined && { passed: count }),
    ...(gatedForMs > 0 && { reason: `its queue rests for ${Math.ceil(gatedForMs / 1_000)} s` }),
  };
}
