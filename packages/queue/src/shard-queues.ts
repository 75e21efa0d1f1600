import type { QueueName } from '@ms1/contracts';
import type { Queue } from 'bullmq';

/**
 * The parts of a queue, in the order of the shards: the jobs of a mailbox are in that of its shard. Where there is one
 * shard, that is the queue itself.
 */
export function shardQueues<T = unknown>(
  queue: <D = unknown>(name: QueueName, shard?: number) => Queue<D>,
  name: Exclude<QueueName, 'polling'>,
  shards: number,
): Queue<T>[] {
  return Array.from({ length: shards }, (_, shard) => queue<T>(name, shard));
}

/** Queues by their name, each with its parts, in their order. */
export function byName(queues: readonly Queue[]): Map<QueueName, Queue[]> {
  return Map.groupBy(queues, ({ name }) => name as QueueName);
}
