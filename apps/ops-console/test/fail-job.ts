import type { consoleBundle } from './console-bundle.ts';

type Bundle = Awaited<ReturnType<typeof consoleBundle>>;

/** A job that failed, as BullMQ leaves it, without running a worker for it. */
export async function failJob(
  redis: Bundle['redis'],
  queue: Bundle['inbound'],
  key: string,
  reason: string,
  at: number,
): Promise<void> {
  const job = await queue.add('deliver-record', { v: 1 }, { jobId: `m-${key}` });
  await redis.lrem(queue.toKey('wait'), 1, job.id ?? '');
  await redis.hset(queue.toKey(job.id ?? ''), { failedReason: reason, finishedOn: at });
  await redis.zadd(queue.toKey('failed'), at, job.id ?? '');
}
