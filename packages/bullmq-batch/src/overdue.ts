/** Deaths from which a job has its batch to itself: 4^5 = 1024 is above the largest batch. */
const ALONE = 5;
/** ms, doubled the next time: others of the queue come first */
const DELAY_MS = 5_000;

/** What becomes of a job whose batch did not end in time; null: it was overdue three times, twice of them alone. */
export type AfterOverdue = { readonly deaths: number; readonly delayMs: number } | null;

/**
 * A processor that never returns does not say which job it hangs at. So each of them runs again without a neighbour, which
 * `isolateStalled` does with jobs whose workers died: those at which it does not hang are through with that.
 *
 * @param deaths how often a worker died with the job, or was overdue: BullMQ's `stc`
 */
export function afterOverdue(deaths: number): AfterOverdue {
  const counted = Math.max(ALONE, deaths + 1);
  if (counted > ALONE + 1) return null;
  return { deaths: counted, delayMs: DELAY_MS * 2 ** (counted - ALONE) };
}

/** A batch whose processor had not returned at its deadline. */
export class BatchOverdueError extends Error {
  readonly code = 'batch_overdue';

  constructor(jobs: number, deadlineMs: number) {
    super(`the processor of a batch did not return within ${deadlineMs} ms: ${jobs} jobs given up`);
    this.name = 'BatchOverdueError';
  }
}

/** A processor returned and had not decided about some of its jobs: they were nacked. */
export class UndecidedError extends Error {
  readonly code = 'jobs_undecided';

  constructor(jobs: number) {
    super(`the processor of a batch returned with ${jobs} jobs undecided: they go back`);
    this.name = 'UndecidedError';
  }
}
