import { type JobStripper, type StoredJob, scanJobs } from '@ms1/queue';

/** A job that something personal of somebody is in. */
export interface FoundJob {
  job: StoredJob;
  /** it is a dead letter */
  failed: boolean;
}

/** What a look came past. */
export interface Looked {
  jobs: number;
  /** those that nobody can tell here what is in them: sealed by a key that is not here, or of a later version */
  unreadable: number;
}

/** Jobs read in one round trip: 6 MB of the largest. */
const PAGE = 100;

/** The jobs of a queue, in every state, that something personal is in of whom `names` knows. */
export async function* findJobs(
  stripper: JobStripper,
  names: (said: unknown) => boolean,
  looked: Looked,
): AsyncGenerator<FoundJob> {
  for await (const ids of scanJobs(stripper.queue)) {
    for (let start = 0; start < ids.length; start += PAGE) {
      const jobs = await stripper.read(ids.slice(start, start + PAGE));
      const about = jobs.filter((job): job is StoredJob => {
        if (job === null) return false;
        looked.jobs += 1;
        const said = job === 'unreadable' ? null : stripper.says(job);
        const isBare = job === 'unreadable' || said === null ? undefined : stripper.isBare(job);
        if (isBare === undefined) looked.unreadable += 1;
        if (isBare !== false || job === 'unreadable') return false;
        return names(said) || names(`${job.failedReason} ${job.stacktrace} ${job.returned}`);
      });
      if (about.length === 0) continue;
      const failed = await stripper.failedAmong(about.map(({ id }) => id));
      for (const job of about) yield { job, failed: failed.has(job.id) };
    }
  }
}
