import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from '@ms1/redis';

/** What a worker tells of its loop. */
export interface WatchedWorker {
  readonly name: string;
  /** ms that it should have looked for jobs, or have been done with some, and has not */
  overdueMs(): number;
}

/** The loop of a worker has stopped, whatever the worker says of itself. */
class WorkerStuckError extends Error {
  readonly code = 'worker_stuck';

  constructor(queue: string, ms: number) {
    super(
      `the worker of ${queue} has not come round for ${Math.round(ms / 1_000)} s, although Redis answers`,
    );
    this.name = 'WorkerStuckError';
  }
}

const LOOK_MS = 5_000;
/** In a row, so that a process that was frozen has time to go on: 20 to 25 s. */
const LOOKS = 5;
/** ms that a loop may be late on a busy machine */
const LATE_MS = 5_000;
/** ms for a ping; a Redis that is away is no fault of the worker */
const ANSWER_MS = 2_000;

/**
 * Watches that a worker looks for jobs. BullMQ calls one running whose loop waits for something that never comes
 * (docs/reliability.md#dead-loops), and while others of its role get on nothing else tells.
 *
 * @param redis the connection that the worker asks on
 * @returns when the signal aborts
 * @throws {WorkerStuckError} when it must be replaced
 */
export async function watchWorker(
  worker: WatchedWorker,
  redis: Pick<Redis, 'ping'>,
  signal: AbortSignal,
): Promise<void> {
  for (let late = 0; !signal.aborted; ) {
    await wait(LOOK_MS, undefined, { signal }).catch(() => undefined);
    const isLate = worker.overdueMs() > LATE_MS && (await answers(redis));
    late = isLate ? late + 1 : 0;
    if (late >= LOOKS) throw new WorkerStuckError(worker.name, worker.overdueMs());
  }
}

async function answers(redis: Pick<Redis, 'ping'>): Promise<boolean> {
  const answered = redis.ping().then(
    () => true,
    () => false,
  );
  return Promise.race([answered, wait(ANSWER_MS, false, { ref: false })]);
}
