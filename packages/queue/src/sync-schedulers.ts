import type { Queue } from 'bullmq';

/** One job that a BullMQ Job Scheduler adds again and again. */
export interface Schedule {
  /** stable id, unique in the queue */
  id: string;
  everyMs: number;
  name: string;
  data: object;
}

/**
 * Makes the queue's job schedulers exactly these: upserts each, removes those that are no longer
 * wanted. Safe to run from several processes and again and again, which heals a scheduler whose
 * pending iteration was lost: BullMQ lists it but it never ticks again (measured).
 */
export async function syncSchedulers(queue: Queue, wanted: readonly Schedule[]): Promise<void> {
  for (const { id, everyMs, name, data } of wanted) {
    await queue.upsertJobScheduler(
      id,
      { every: everyMs },
      // A failed tick is not retried: the next tick is the retry, and it starts where this one stopped.
      { name, data, opts: { attempts: 1, removeOnComplete: true, removeOnFail: { count: 100 } } },
    );
  }
  const keep = new Set(wanted.map(({ id }) => id));
  for (const { key } of await queue.getJobSchedulers()) {
    if (!keep.has(key)) await queue.removeJobScheduler(key);
  }
}
