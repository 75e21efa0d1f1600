import { type JobJson, raw2NextJobData } from 'bullmq';

import type { FetchedJob } from './batch-driver.ts';

/**
 * Reads a stored job. One that can not be read comes without data and options, to be failed: its neighbours are taken
 * with it and must not be kept from running.
 *
 * @param reason why the script that fetched it already calls it unreadable
 */
export function readJob(hash: readonly string[], id: string, reason?: string): FetchedJob {
  try {
    if (reason !== undefined) throw new Error(reason);
    return { id, json: raw2NextJobData([hash as string[], id, 0, 0])[0] as JobJson };
  } catch (error) {
    return { id, json: standIn(id, hash), unreadable: error as Error };
  }
}

/** What can be failed in place of a job that can not be read. */
export function standIn(id: string, hash: readonly string[] = []): JobJson {
  const at = hash.indexOf('name');
  const json: Partial<JobJson> = {
    id,
    name: (at % 2 === 0 && hash[at + 1]) || 'unreadable',
    data: '{}',
    opts: {},
    timestamp: 0,
    attemptsMade: 0,
    attemptsStarted: 1,
    stalledCounter: 0,
  };
  return json as JobJson;
}
