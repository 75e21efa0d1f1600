import { depthOf, duration, finalOf, number, type Progress, secondsLeft } from './progress.ts';

/** One line for a log: `0:06  4,120 of 10,000 final (41 %), 980/s, about 0:06 left; inbound 312, outbound 88`. */
export function plainLine(progress: Progress): string {
  const { planned, injected, dead, skipped, queues, perSecond, elapsedMs } = progress;
  const final = finalOf(progress);
  const left = secondsLeft(progress);
  const depths = queues.map((queue) => `${queue.name} ${number(depthOf(queue))}`).join(', ');
  return [
    `${duration(elapsedMs / 1_000)}  ${number(final)} of ${number(planned)} final (${Math.floor((final * 100) / planned)} %)`,
    `${number(Math.round(perSecond))}/s`,
    injected < planned ? `${number(injected)} injected` : undefined,
    skipped > 0 ? `${number(skipped)} skipped` : undefined,
    dead > 0 ? `${number(dead)} dead` : undefined,
    left === undefined || left === 0 ? undefined : `about ${duration(left)} left`,
    depths === '' ? undefined : `waiting: ${depths}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}
