import type { Evidence } from './evidence.ts';
import { type Finding, judged } from './finding.ts';

const WINDOW_MS = 60_000;

/** I18: no message is tried more often than it may; how many requests were repetitions is told, faults are why. */
export function retries({ arrivals, watched }: Evidence): Finding {
  const over = watched.burnt.filter(({ made, max }) => made > max);
  const most = watched.burnt.toSorted((a, b) => b.made - a.made)[0];
  const again = arrivals.length - new Set(arrivals.map(({ key }) => key)).size;
  const value = [
    `${watched.burnt.length} attempts came to nothing`,
    most ? `most of them of ${most.key}: ${most.made} of ${most.max}` : 'no message had one',
    `${again} of ${arrivals.length} requests to MS4 were repetitions, ${(worstShare(arrivals) * 100).toFixed(0)} % in the worst minute`,
  ].join('; ');
  return judged(
    { id: 'I18', about: 'no message is tried more often than it may', value },
    over.map(({ key, made, max }) => `${key}: attempt ${made} of ${max}`),
  );
}

function worstShare(arrivals: Evidence['arrivals']): number {
  const seen = new Set<string>();
  const byMinute = new Map<number, { again: number; all: number }>();
  for (const { at, key } of arrivals) {
    const minute = Math.floor(at / WINDOW_MS);
    const counts = byMinute.get(minute) ?? { again: 0, all: 0 };
    counts.all += 1;
    if (seen.has(key)) counts.again += 1;
    seen.add(key);
    byMinute.set(minute, counts);
  }
  return Math.max(0, ...[...byMinute.values()].map(({ again, all }) => again / all));
}
