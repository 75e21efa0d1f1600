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
  const queue = queues.find(({ name }) => name === job?.queue);
  try {
    return payloads.open(jobIdOf(key), (await queue?.getJob(jobIdOf(key)))?.data);
  } catch {
    return undefined;
  }
}
