import type { Evidence } from './evidence.ts';
import { type Finding, judged } from './finding.ts';
import type { Arrival } from './witnesses.ts';

/**
 * Requests that may be under way at once: two senders with two each. So many may reach MS4 later than they were sent
 * (a line that held them, a process that was stopped), together with those of the next second.
 */
const UNDER_WAY = 4;

/** I7: MS4 is never asked more often than it allows, in any window, by all senders together. */
export function pace({ arrivals, limits, linesTouched }: Evidence): Finding {
  const slack = linesTouched.has('ms4') ? UNDER_WAY : 1;
  const windows = [
    { name: '1 s', ms: 1_000, max: limits.perSecond },
    { name: '10 s', ms: 10_000, max: 10 * limits.perSecond },
    { name: '60 s', ms: 60_000, max: limits.perMinute },
  ].map((window) => ({ ...window, fullest: fullest(arrivals, window.ms) }));
  const value = windows
    .map(({ name, max, fullest: { count } }) => `${count} of ${max} in ${name}`)
    .join(', ');
  const over = windows.filter(({ max, fullest: { count } }) => count > max + slack);
  return judged(
    { id: 'I7', about: 'MS4 is asked no more than it allows', value },
    over.map(
      ({ name, fullest: { count, from } }) =>
        `${count} requests in ${name} from ${from?.key ?? ''} on`,
    ),
  );
}

/** The window with the most arrivals. */
function fullest(arrivals: readonly Arrival[], ms: number) {
  const sorted = arrivals.toSorted((a, b) => a.monotonicMs - b.monotonicMs);
  let best: { count: number; from: Arrival | undefined } = { count: 0, from: undefined };
  let first = 0;
  for (const [index, { monotonicMs }] of sorted.entries()) {
    while (monotonicMs - (sorted[first]?.monotonicMs ?? 0) >= ms) first += 1;
    const count = index - first + 1;
    if (count > best.count) best = { count, from: sorted[first] };
  }
  return best;
}
