import type { Job, JobJson } from 'bullmq';

import type { Outbound } from './batch-entry.ts';
import type { Outcome } from './outcome.ts';

export interface FetchPlan {
  /** lock token of every job of the batch */
  readonly token: string;
  /** which of the worker's batches in flight this is, 0..concurrency-1 */
  readonly slot: number;
  /** nothing else of this worker is in flight: a job on its last chance may be taken */
  readonly alone: boolean;
  /** takes nothing but what was added with `lifo`, which is at the front */
  readonly first: boolean;
}

export interface FetchedJob {
  readonly id: string;
  readonly json: JobJson;
  /** why the stored job can not be read: `json` only stands in for it */
  readonly unreadable?: Error;
}

export interface FetchResult {
  /** emptied by whoever makes jobs of them: their texts are as large as all else that is kept of a job while it runs */
  readonly jobs: FetchedJob[];
  /** ms until the queue's rate limit ends, 0 = none */
  readonly limitMs: number;
  /** ms until something is due (a delayed job, the end of a wait for minSize), null = nothing known */
  readonly wakeMs: number | null;
  /** jobs are there, but fewer than minSize */
  readonly held: boolean;
  /** a job on its last chance is next and waits for this worker to be idle */
  readonly blocked: boolean;
  /** the lock token of the jobs, where it is not the plan's */
  readonly token?: string;
}

export const NOTHING_FETCHED: FetchResult = {
  jobs: [],
  limitMs: 0,
  wakeMs: null,
  held: false,
  blocked: false,
};

export interface Settlement {
  readonly job: Job;
  readonly outcome: Outcome;
  readonly outbound: readonly Outbound[];
}

/** What Redis made of a settlement; `lost`: somebody else holds or has finished the job. */
export type Verdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly lost: boolean; readonly error: Error };

export interface SettleResult {
  /** in the order of the settlements */
  readonly verdicts: readonly Verdict[];
  /** null where the driver did not fetch along */
  readonly next: FetchResult | null;
}

/** How jobs get out of Redis and back. Two of them: BullMQ's scripts wrapped, and BullMQ's public API. */
export interface BatchDriver {
  fetch(plan: FetchPlan): Promise<FetchResult>;
  /** @param next what to fetch in the same round trip, if the driver can */
  settle(
    plan: Pick<FetchPlan, 'token' | 'slot'>,
    settlements: readonly Settlement[],
    next: FetchPlan | null,
  ): Promise<SettleResult>;
}

/** JobNotExist, JobLockNotExist, JobNotInState, JobLockMismatch of BullMQ's error codes */
const LOST_CODES = new Set<unknown>([-1, -2, -3, -6]);

export function refusal(reason: unknown): Verdict {
  const error = reason instanceof Error ? reason : new Error(String(reason));
  return { ok: false, lost: LOST_CODES.has((error as { code?: unknown }).code), error };
}
