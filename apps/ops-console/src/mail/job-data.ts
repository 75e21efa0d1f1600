import { jobIdOf } from '@ms1/contracts';
import type { LocateJobs, PayloadSealer } from '@ms1/queue';

export interface JobSources {
  queues: readonly { name: string; getJob(id: string): Promise<{ data: unknown } | undefined> }[];
  payloads: Pick<PayloadSealer, 'open'>;
}

type Located = Awaited<ReturnType<LocateJobs>>[number];

/** What is in the job of a message; undefined where it has none, is unreadable, or is sealed by a key that is not here. */
export async function jobData(
  { queues, payloads }: JobSources,
  key: string,
  job: Located,
): Promise<unknown> {
  // A queue has a part in each shard.
  const parts = queues.filter(({ name }) => name === job?.queue);
  try {
    const found = await Promise.all(parts.map((queue) => queue.getJob(jobIdOf(key))));
    return payloads.open(jobIdOf(key), found.find((one) => one !== undefined)?.data);
  } catch {
    return undefined;
  }
}
