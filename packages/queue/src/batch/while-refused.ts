import { setTimeout as wait } from 'node:timers/promises';

/** What a Redis answers that will soon take writes again: a replica before its promotion, one that loads, a failover. */
const PASSING =
  /^(?:READONLY|NOREPLICAS|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|UNKILLABLE)\b|Command timed out/;

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
      const passes = error instanceof Error && PASSING.test(error.message);
      if (!passes || Date.now() + pauseMs > deadline) throw error;
      await wait(pauseMs);
    }
  }
}
