import type { QueueName } from '@ms1/contracts';
import type { Redis } from '@ms1/redis';
import type { Queue } from 'bullmq';

/** One queue in one look. */
export interface QueueDepth {
  name: QueueName;
  /** those with a priority too, and those of a paused queue */
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  paused: boolean;
  /** ms for which nobody may take a job (a Retry-After, an open breaker, a used-up rate); 0: now */
  gatedForMs: number;
  /** ms since the epoch at which the next job to be taken was added; null while none waits */
  oldestAt: number | null;
  /** its id */
  oldestId?: string | undefined;
  /** when the latest failed job failed, ms since the epoch; null without one */
  lastFailedAt: number | null;
}

/** Answers of one queue in the first round trip, in the order of {@link ask}. */
type Answers = [
  waiting: number,
  pausedJobs: number,
  prioritized: number,
  active: number,
  delayed: number,
  failed: number,
  paused: number,
  limit: string | null,
  limitMs: number,
  next: string | null,
  nextPrioritized: string[],
  lastFailed: string[],
];

/** What `rateLimit(ms)` sets a queue's limiter to; less is a count of jobs, which holds nobody up by itself. */
const GATED = Number.MAX_SAFE_INTEGER;

/**
 * Depth, gate and oldest job of each queue, all its shards together, from BullMQ's own keys: two round trips, whatever they
 * hold.
 */
export async function readQueueDepths(queues: readonly Queue[]): Promise<QueueDepth[]> {
  const parts = await Promise.all(
    [...Map.groupBy(queues, ({ opts }) => opts.prefix).values()].map(readInSlot),
  );
  const byQueue = Map.groupBy(parts.flat(), ({ name }) => name);
  return [...new Set(queues.map(({ name }) => name as QueueName))].map((name) =>
    sumOf(byQueue.get(name) ?? []),
  );
}

function sumOf([first, ...others]: readonly QueueDepth[]): QueueDepth {
  return others.reduce((sum, one) => {
    const older = (one.oldestAt ?? Infinity) < (sum.oldestAt ?? Infinity) ? one : sum;
    return {
      name: sum.name,
      waiting: sum.waiting + one.waiting,
      active: sum.active + one.active,
      delayed: sum.delayed + one.delayed,
      failed: sum.failed + one.failed,
      paused: sum.paused || one.paused,
      // While a job may be taken from one of them the queue does not rest.
      gatedForMs: Math.min(sum.gatedForMs, one.gatedForMs),
      oldestAt: older.oldestAt,
      oldestId: older.oldestId,
      lastFailedAt: Math.max(sum.lastFailedAt ?? 0, one.lastFailedAt ?? 0) || null,
    };
  }, first as QueueDepth);
}

/** Queues whose keys are in one slot. */
async function readInSlot(queues: readonly Queue[]): Promise<QueueDepth[]> {
  const [first] = queues;
  if (!first) return [];
  const redis = (await first.getBackend().client) as unknown as Redis;
  const asked = redis.pipeline();
  for (const queue of queues) ask(asked, queue);
  const answers = await answersOf(asked);
  const size = answers.length / queues.length;
  const found = queues.map(
    (_, index) => answers.slice(index * size, (index + 1) * size) as Answers,
  );

  const times = redis.pipeline();
  const next = found.map(([, , , , , , , , , waiting, prioritized]) => waiting ?? prioritized[0]);
  queues.forEach((queue, index) => {
    const id = next[index];
    if (id !== undefined) times.hget(queue.toKey(id), 'timestamp');
  });
  const addedAt = next.some((id) => id !== undefined) ? await answersOf(times) : [];
  return queues.map((queue, index) => {
    const [waiting, pausedJobs, prioritized, active, delayed, failed, ...more] = found[
      index
    ] as Answers;
    const [paused, limit, limitMs, , , last] = more;
    const timestamp = next[index] === undefined ? null : (addedAt.shift() as string | null);
    return {
      name: queue.name as QueueName,
      waiting: waiting + pausedJobs + prioritized,
      active,
      delayed,
      failed,
      paused: paused === 1,
      gatedForMs: Number(limit) >= GATED ? Math.max(0, limitMs) : 0,
      // It may be taken between the two round trips: then the one after it is as old, or younger.
      oldestAt: timestamp === null ? null : Number(timestamp),
      oldestId: next[index],
      lastFailedAt: last[1] === undefined ? null : Number(last[1]),
    };
  });
}

function ask(pipeline: ReturnType<Redis['pipeline']>, queue: Queue): void {
  pipeline
    .llen(queue.toKey('wait'))
    .llen(queue.toKey('paused'))
    .zcard(queue.toKey('prioritized'))
    .llen(queue.toKey('active'))
    .zcard(queue.toKey('delayed'))
    .zcard(queue.toKey('failed'))
    .hexists(queue.toKey('meta'), 'paused')
    .get(queue.toKey('limiter'))
    .pttl(queue.toKey('limiter'))
    .lindex(queue.toKey('wait'), -1)
    .zrange(queue.toKey('prioritized'), 0, 0)
    .zrevrange(queue.toKey('failed'), 0, 0, 'WITHSCORES');
}

async function answersOf(pipeline: ReturnType<Redis['pipeline']>): Promise<unknown[]> {
  return ((await pipeline.exec()) ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}
