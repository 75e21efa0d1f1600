import { randomUUID } from 'node:crypto';

/** Options of BullMQ for a job that somebody asks for. */
export interface AskedJob {
  jobId: string;
  deduplication: { id: string; keepLastIfActive: true };
  attempts: number;
  removeOnComplete: boolean;
  removeOnFail: boolean;
}

/**
 * Adds a job of a kind, unless one waits already. A running one may have looked before this was asked, so one more
 * follows it, however many ask meanwhile. One that fails is not kept: the schedules are the retry.
 */
export function askOnce(what: string, id: string = randomUUID()): AskedJob {
  return {
    jobId: `asked-${what}-${id}`,
    deduplication: { id: `asked-${what}`, keepLastIfActive: true },
    attempts: 1,
    removeOnComplete: true,
    removeOnFail: true,
  };
}
