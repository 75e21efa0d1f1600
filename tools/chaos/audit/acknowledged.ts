import type { Evidence } from './evidence.ts';
import { type Finding, judged, unchecked } from './finding.ts';

/** Later is slow to Graph (docs/graph-contract.md#answer-times). The webhook itself answers within 2.5 s. */
const ANSWER_MS = 3_000;

/** I10: every notification is answered in time, with whatever. */
export function answeredInTime({ door }: Evidence): Finding {
  const about = 'notifications are answered in 3 s';
  if (door.length === 0) return unchecked('I10', about, 'Graph sent no notification');
  const times = door.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
  const late = door.filter(({ tookMs }) => tookMs > ANSWER_MS);
  const at = (share: number): string =>
    `${Math.round(times[Math.ceil(share * times.length) - 1] ?? 0)} ms`;
  const byStatus = Object.entries(Object.groupBy(door, ({ status }) => String(status)))
    .map(([status, some]) => `${some?.length} x ${status === '0' ? 'nobody there' : status}`)
    .join(', ');
  const value = `${byStatus}; median ${at(0.5)}, p99 ${at(0.99)}, worst ${at(1)}`;
  return judged(
    { id: 'I10', about, value },
    late.map(
      ({ at: when, tookMs, status }) =>
        `${status} after ${Math.round(tookMs)} ms at ${new Date(when).toISOString()}`,
    ),
  );
}

/** I12: what was answered with 202 is known to the end. */
export function keptWhatWasTaken({ door, mail, effects, fates, places }: Evidence): Finding {
  const about = 'what was answered with 202 is kept';
  const taken = new Set(
    door.filter(({ status }) => status === 202).flatMap(({ messages }) => messages),
  );
  if (taken.size === 0) return unchecked('I12', about, 'no notification was taken');
  const stored = new Set(effects.map(({ key }) => key));
  const forgotten = mail.filter(
    ({ key, messageId }) =>
      taken.has(messageId) && !(stored.has(key) || fates.has(key) || places.has(key)),
  );
  const value = `${taken.size} messages taken, ${forgotten.length} forgotten`;
  return judged(
    { id: 'I12', about, value },
    forgotten.map(({ key }) => key),
  );
}
