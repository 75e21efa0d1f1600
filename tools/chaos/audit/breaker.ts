import type { Evidence } from './evidence.ts';
import { type Finding, judged, unchecked } from './finding.ts';

const ID = 'I8';
const ABOUT = 'while the breaker is open nobody calls MS4';
/** What is under way when it opens; then Redis's clock and ours, and a look every half second. */
const GRACE_MS = 1_000;

/** I8: from a second after it was seen open until its time is over, no request arrives. */
export function breaker({ watched, arrivals, linesTouched }: Evidence): Finding {
  const openings = new Map<number, number>();
  for (const { at, openUntil } of watched.redis) {
    if (openUntil > at && !openings.has(openUntil)) openings.set(openUntil, at);
  }
  if (openings.size === 0) return unchecked(ID, ABOUT, 'it never opened in this run');
  if (linesTouched.has('ms4')) {
    return unchecked(ID, ABOUT, 'requests that the line held arrive while it is open');
  }
  const calls = [...openings].flatMap(([until, seenAt]) =>
    arrivals.filter(({ at }) => at > seenAt + GRACE_MS && at < until - GRACE_MS / 10),
  );
  const value = `opened or stayed open ${openings.size} times, ${calls.length} calls meanwhile`;
  return judged(
    { id: ID, about: ABOUT, value },
    calls.map(({ key, at }) => `batch ${key} at ${new Date(at).toISOString()}`),
  );
}
