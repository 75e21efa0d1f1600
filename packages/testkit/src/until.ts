import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** ms, 60,000 by default: a bound for a machine that is busy; the error after it names `what` */
  timeoutMs?: number;
  /** what is waited for, in words, for the error */
  what: string;
}

const POLL_MS = 20;

/**
 * Waits for a condition of the outside world that sends no event (a key in Redis, a line in a log).
 * Where an event exists, wait for that instead.
 *
 * @throws when the condition does not hold in time; a condition that throws counts as not holding
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 60_000, what }: UntilOptions,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== false && value !== null && value !== undefined) {
        return value as NonNullable<Exclude<T, false>>;
      }
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause: last });
    }
    await delay(POLL_MS);
  }
}
