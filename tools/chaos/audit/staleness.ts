import { caughtUpMs } from './caught-up.ts';
import type { Evidence, RowWindow } from './evidence.ts';
import { type Finding, judged } from './finding.ts';

/** ms that a message may take with nothing wrong, and above what a fault costs. */
const FRESH_MS = 60_000;

/** I4: a message is in MS4 within a minute, and what a fault in its time costs. */
export function staleness(evidence: Evidence): Finding {
  const { mail, effects } = evidence;
  // A fault is felt while it may be recovered from; and who comes behind what it has held up waits with it.
  const windows = evidence.windows.map(({ to, endedAt, limitMs, ...window }) => ({
    ...window,
    endedAt,
    limitMs,
    to: Math.max(to, endedAt + limitMs, endedAt + caughtUpMs(evidence, endedAt)),
  }));
  const firstAt = new Map(effects.toReversed().map(({ key, at }) => [key, at]));
  const ages = mail
    .flatMap(({ key, at }) => {
      const storedAt = firstAt.get(key);
      return storedAt === undefined ? [] : [{ key, at, storedAt, age: storedAt - at }];
    })
    .toSorted((a, b) => b.age - a.age);
  const late = ages.filter(
    ({ at, storedAt, age }) => age > FRESH_MS + allowance(windows, at, storedAt),
  );
  const [worst] = ages;
  const at = (share: number): string =>
    seconds(ages[Math.floor((1 - share) * ages.length)]?.age ?? 0);
  const value = `median ${at(0.5)}, p99 ${at(0.99)}, worst ${seconds(worst?.age ?? 0)}, beyond what its faults allow: ${late.length}`;
  return judged(
    { id: 'I4', about: 'mail is in MS4 in time', value },
    late.map(({ key, age }) => `${key} after ${seconds(age)}`),
  );
}

/** What the faults in a message's time may cost it: as long as they were on, and their recovery. */
function allowance(windows: readonly RowWindow[], from: number, to: number): number {
  return windows
    .filter((window) => window.from < to && window.to > from)
    .reduce((sum, window) => sum + (window.endedAt - window.from) + window.limitMs, 0);
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
