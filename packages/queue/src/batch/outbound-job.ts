import type { Job, Queue } from 'bullmq';

import type { Outbound } from './batch-entry.ts';
import type { ScriptClient } from './script-client.ts';

/** seconds; at least so long is the id of a job handed over in two steps remembered after it was completed */
const KEEP_SECONDS = 3_600;

/**
 * The safe two-step order, first half: the outbound jobs are added before their inbound jobs are completed. A crash in
 * between runs the inbound job again, which adds under the same id, which BullMQ ignores as long as the first one
 * exists: so what is completed must stay longer than the recovery takes.
 */
export async function addOutbound(outbound: readonly Outbound[]): Promise<void> {
  const byQueue = new Map<Queue, Job[]>();
  for (const { queue, job } of outbound) byQueue.set(queue, [...(byQueue.get(queue) ?? []), job]);
  await Promise.all(
    [...byQueue].map(([queue, jobs]) =>
      queue.addBulk(
        jobs.map(({ name, data, opts }) => ({
          name,
          data: data as unknown,
          opts: { ...opts, removeOnComplete: atLeast(opts.removeOnComplete) },
        })),
      ),
    ),
  );
}

/** Keeps more where the caller asked for more. */
function atLeast(
  keep: Job['opts']['removeOnComplete'],
): NonNullable<Job['opts']['removeOnComplete']> {
  if (keep === false) return keep;
  if (
    typeof keep === 'object' &&
    'age' in keep &&
    keep.age !== undefined &&
    keep.age >= KEEP_SECONDS
  )
    return keep;
  return { age: KEEP_SECONDS };
}

/** Whether one script run reaches the keys of both queues: same Redis, and in Cluster the same hash tag. */
export function shareScriptRun(
  worker: { client: ScriptClient; qualifiedName: string },
  queue: { client: ScriptClient; qualifiedName: string },
): boolean {
  if (worker.client.isCluster !== queue.client.isCluster) return false;
  if (worker.client.isCluster && hashTag(worker.qualifiedName) !== hashTag(queue.qualifiedName))
    return false;
  return serverOf(worker.client) === serverOf(queue.client);
}

/** What Redis Cluster hashes of a key: the first non-empty {...}, or all of it. */
export function hashTag(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key;
}

function serverOf({ isCluster, options }: ScriptClient): string {
  const { host, port, path, db, name, sentinels } = options;
  // A Cluster keeps no host here. Two clusters with equal hash tags in one process would look the same: not supported.
  return isCluster ? 'cluster' : JSON.stringify({ host, port, path, db, name, sentinels });
}
