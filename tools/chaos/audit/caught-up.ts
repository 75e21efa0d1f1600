import type { Evidence } from './evidence.ts';

/** ms after a fault's end until all that had come by then was in MS4: that of a killed worker, if all is well. */
export function caughtUpMs({ mail, effects }: Evidence, endedAt: number): number {
  const before = new Set(mail.filter(({ at }) => at <= endedAt).map(({ key }) => key));
  const storedAt = new Map<string, number>();
  for (const { key, at } of effects) {
    if (before.has(key) && !storedAt.has(key)) storedAt.set(key, at);
  }
  return [...storedAt.values()].reduce((most, at) => Math.max(most, at - endedAt), 0);
}
