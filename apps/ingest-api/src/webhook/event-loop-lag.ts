/** Measured by a timer that is late by as much as this process is behind with its work. */
const EVERY_MS = 50;

export interface EventLoopLag {
  /** ms, at present */
  now(): number;
  stop(): void;
}

/** @param clock ms that never go back; default `performance.now` */
export function watchEventLoopLag(clock: { now(): number } = performance): EventLoopLag {
  let lag = 0;
  let due = clock.now() + EVERY_MS;
  const timer = setInterval(() => {
    lag = Math.max(0, clock.now() - due);
    due = clock.now() + EVERY_MS;
  }, EVERY_MS);
  timer.unref();
  return {
    // What the timer has not told yet counts too.
    now: () => Math.max(lag, clock.now() - due),
    stop: () => clearInterval(timer),
  };
}
