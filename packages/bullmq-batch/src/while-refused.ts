import { setTimeout as wait } from 'node:timers/promises';

/** What a Redis answers that will take writes again: a replica before its promotion, one that loads, a failover, a full disk or memory. */
const PASSING =
  /^(?:READONLY|NOREPLICAS|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|UNKILLABLE|MISCONF|OOM)\b|Command timed out/;

/** What ioredis 5.11 says while no node can be reached; these errors have no code of their own. */
const UNREACHABLE =
  /Connection is closed|ECONN|EPIPE|ETIMEDOUT|Stream isn't writeable|slots cache|startup nodes|Cluster (?:isn't ready|all nodes)|Too many Cluster redirections|retries per request/;

/** Whether an error says something about Redis at this moment, and nothing about the job. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return PASSING.test(error.message) || UNREACHABLE.test(error.message) || isPassing(error.cause);
}

const PAUSE_MS = 250;

/**
 * Repeats a run that Redis refused for a reason that passes. The run carries the number of its call, so one that was
 * executed after all (a timeout) answers what it did then. BullMQ gives up instead, and the work is done again.
 *
 * @param patienceMs at most what every lock of the batch has left: they were renewed within lockDuration / 2
 */
export async function whileRefused<T>(
  run: () => Promise<T>,
  patienceMs: number,
  pauseMs = PAUSE_MS,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      const passes = isPassing(error) && !isClosed(error);
      if (!passes || Date.now() + pauseMs > deadline) throw error;
      await wait(pauseMs);
    }
  }
}

/** ioredis says just this when we closed the connection ourselves: it will not come back. */
function isClosed(error: unknown): boolean {
  return error instanceof Error && /^Connection is closed\.?$/.test(error.message);
}
