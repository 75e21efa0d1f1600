import { createHash } from 'node:crypto';
import type { Queue } from 'bullmq';

import { readSchedulers, type StoredScheduler } from './read-schedulers.ts';

/** One job that a BullMQ Job Scheduler adds again and again. */
export interface Schedule {
  /** stable id, unique in the queue */
  id: string;
  everyMs: number;
  name: string;
  data: object;
}

// A failed tick is not retried: the next tick is the retry, and it starts where this one stopped.
const TICK = { attempts: 1, removeOnComplete: true, removeOnFail: { count: 100 } };

/**
 * Makes the queue's job schedulers exactly these. It writes only those that are missing, differ, have lost their pending
 * job, or were planned by a clock that was ahead: BullMQ moves the waiting job of a rewritten scheduler behind all others,
 * so that under load the last ones would never run. A new one ticks at once, and then at its own place in the interval.
 * Several processes may run it, and repeat it.
 *
 * @returns the ids of the new ones
 */
export async function syncSchedulers(
  queue: Queue,
  wanted: readonly Schedule[],
): Promise<ReadonlySet<string>> {
  const stored = await readSchedulers(queue);
  const byId = new Map(stored.map((scheduler) => [scheduler.id, scheduler]));
  const missing = wanted.filter(({ id }) => !byId.has(id));
  for (const schedule of wanted) {
    const before = byId.get(schedule.id);
    if (before && isSame(before, schedule)) continue;
    // Its place in the interval, and when it ticks next, is laid down when it is made.
    const isMoved = before && (before.isFarOff || before.offsetMs !== offsetOf(schedule));
    if (isMoved) await queue.removeJobScheduler(before.id);
    const { id, everyMs, name, data } = schedule;
    const every = { every: everyMs, offset: offsetOf(schedule) };
    await queue.upsertJobScheduler(id, every, { name, data, opts: TICK });
  }
  if (missing.length > 0) await queue.addBulk(missing.map(firstTick));
  const keep = new Set(wanted.map(({ id }) => id));
  for (const { id } of stored) {
    if (!keep.has(id)) await queue.removeJobScheduler(id);
  }
  return new Set(missing.map(({ id }) => id));
}

/** One job id, so that several processes that find it missing add it once. */
function firstTick({ id, name, data }: Schedule) {
  return { name, data, opts: { ...TICK, removeOnFail: true, jobId: `first-${id}` } };
}

function isSame(
  { name, everyMs, offsetMs, data, ticks, isFarOff }: StoredScheduler,
  wanted: Schedule,
): boolean {
  return (
    ticks &&
    !isFarOff &&
    name === wanted.name &&
    everyMs === wanted.everyMs &&
    offsetMs === offsetOf(wanted) &&
    data === JSON.stringify(wanted.data)
  );
}

/** ms into its interval: by the hash of its id, so that thousands do not tick in the same second. Never 0, which BullMQ takes for none. */
function offsetOf({ id, everyMs }: Schedule): number {
  const hash = createHash('sha256').update(id).digest().readUIntBE(0, 6);
  return 1 + (hash % Math.max(1, everyMs - 1));
}
