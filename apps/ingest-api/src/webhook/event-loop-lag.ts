import type { Clock } from '@ms1/runtime';

/** Measured by a timer that is late by as much as this process is behind with its work. */
const EVERY_MS = 50;

/**
 * Watches by how many ms this process is behind, and answers with how to ask.
 *
 * @param clock ms that never go back; default `performance.now`
 */
export function watchEventLoopLag(clock: Clock = performance): () => number {
  let lag = 0;
  let due = clock.now() + EVERY_MS;
  setInterval(() => {
    lag = Math.max(0, clock.now() - due);
    due = clock.now() + EVERY_MS;
  }, EVERY_MS).unref();
  // What the timer has not told yet counts too.
  return () => Math.max(lag, clock.now() - due);
}
