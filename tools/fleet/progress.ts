import type { QueueDepth } from './console-client.ts';

/** How far a session is, at one moment. */
export interface Progress {
  planned: number;
  injected: number;
  delivered: number;
  skipped: number;
  dead: number;
  queues: readonly QueueDepth[];
  /** messages that became final in a second, over the last few */
  perSecond: number;
  elapsedMs: number;
}

export function finalOf({ delivered, skipped, dead }: Progress): number {
  return delivered + skipped + dead;
}

/** Seconds until the last message is final at the present rate; undefined while nothing moves. */
export function secondsLeft(progress: Progress): number | undefined {
  const left = progress.planned - finalOf(progress);
  if (left <= 0) return 0;
  return progress.perSecond > 0 ? Math.ceil(left / progress.perSecond) : undefined;
}

/** Jobs of a queue that still have something to do. */
export function depthOf({ waiting, active, delayed }: QueueDepth): number {
  return waiting + active + delayed;
}

/** 1:05, or 2:03:04 */
export function duration(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const rest = pad(Math.floor(seconds) % 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

export function number(value: number): string {
  return value.toLocaleString('en-US');
}
