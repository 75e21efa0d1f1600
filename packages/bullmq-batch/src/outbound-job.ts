import type { JobsOptions, Queue } from 'bullmq';

import type { NewJob } from './add-rows.ts';
import { refusal, type Settlement, type Verdict } from './batch-driver.ts';
import type { Outbound } from './batch-entry.ts';
import type { ScriptClient } from './script-client.ts';
import { whileRefused } from './while-refused.ts';

/** seconds; at least so long is the id of a job handed over in two steps remembered after it was completed */
const KEEP_SECONDS = 3_600;

/**
 * The safe two-step order, first half: the outbound jobs are added before their inbound jobs are completed. A crash in
 * between runs the inbound job again, which adds under the same id, which BullMQ ignores as long as the first one
 * exists: so what is completed must stay longer than the recovery takes.
 */
async function addOutbound(outbound: readonly Outbound[]): Promise<void> {
  const byQueue = new Map<Queue, NewJob[]>();
  for (const { queue, job } of outbound) byQueue.set(queue, [...(byQueue.get(queue) ?? []), job]);
  await Promise.all(
    [...byQueue].map(([queue, jobs]) =>
      queue.addBulk(
        jobs.map(({ name, data, opts }) => ({
          name,
          data,
          opts: {
            ...opts,
            removeOnComplete: atLeast(
              opts.removeOnComplete ?? queue.defaultJobOptions?.removeOnComplete,
            ),
          },
        })),
      ),
    ),
  );
}

/**
 * Adds what hangs on each settlement, again for `patienceMs` while Redis refuses for a reason that passes.
 *
 * @returns why a settlement whose outbound jobs could not be added must not be completed; nothing for the others
 */
export async function addOutboundOf(
  waiting: ReadonlyMap<Settlement, readonly Outbound[]>,
  patienceMs: number,
): Promise<Map<Settlement, Verdict>> {
  if (waiting.size === 0) return new Map();
  try {
    await whileRefused(() => addOutbound([...waiting.values()].flat()), patienceMs);
    return new Map();
  } catch (error) {
    // Which of them are there is not known, and does not matter: their ids make adding them again harmless.
    const verdict = refusal(new Error('outbound job not added', { cause: error }));
    return new Map([...waiting.keys()].map((settlement) => [settlement, verdict]));
  }
}

/** Keeps more where the caller asked for more. */
function atLeast(
  keep: JobsOptions['removeOnComplete'],
): NonNullable<JobsOptions['removeOnComplete']> {
  if (keep === false) return keep;
  const isLonger = typeof keep === 'object' && 'age' in keep && (keep.age ?? 0) >= KEEP_SECONDS;
  if (isLonger) return keep;
  return { age: KEEP_SECONDS };
}

/** Whether one script run reaches the keys of both queues: same Redis, and in Cluster the same hash tag. */
export function shareScriptRun(
  worker: { client: ScriptClient; qualifiedName: string },
  queue: { client: ScriptClient; qualifiedName: string },
): boolean {
  if (worker.client.isCluster !== queue.client.isCluster) return false;
  const sameSlot = hashTag(worker.qualifiedName) === hashTag(queue.qualifiedName);
  if (worker.client.isCluster && !sameSlot) return false;
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
