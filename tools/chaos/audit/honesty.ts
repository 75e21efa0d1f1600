import type { Evidence } from './evidence.ts';
import { type Finding, judged } from './finding.ts';

/** ms that work may wait before somebody must say that he is not ready. */
const SILENCE_MAX_MS = 30_000;
/** A look every 2 s, and one of Redis every half. */
const LOOK_MS = 2_500;

/**
 * I15: what the fleet says of itself is so. Its counts are ours, all are ready in the end, and where mail waited and none
 * came through for half a minute somebody said so.
 */
export function honesty(evidence: Evidence): Finding {
  const { watched, told, totals, effects } = evidence;
  const latest = new Map(watched.processes.map((sample) => [sample.name, sample.ready]));
  const notReady = [...latest].flatMap(([name, ready]) => (ready ? [] : [name]));
  const silence = longestSilence(evidence);
  const delivered = new Set(effects.map(({ key }) => key)).size;
  const counted = totals['delivered'] ?? 0;
  const value = [
    `ready at the end: ${latest.size - notReady.length} of ${latest.size}`,
    `longest time in which work waited, nothing came through and all were ready: ${(silence.ms / 1_000).toFixed(0)} s`,
    told
      ? `the session is ${told.status}`
      : 'the session was lost with the data of Redis, as was its count',
    `the ledger counts ${counted} delivered of ${delivered}`,
  ].join('; ');
  return judged({ id: 'I15', about: 'what the fleet says of itself is so', value }, [
    ...notReady.map((name) => `${name} is not ready at the end`),
    ...(silence.ms > SILENCE_MAX_MS
      ? [`all ready from ${new Date(silence.from).toISOString()} on, and nothing moved`]
      : []),
    ...(told && told.status !== 'finished' ? [`the session is ${told.status}`] : []),
    ...(told && counted !== delivered
      ? [`the ledger counts ${counted} delivered, MS4 has ${delivered}`]
      : []),
  ]);
}

/** The longest stretch of looks at all of which everybody was ready, mail waited, and nothing was stored. */
function longestSilence({ watched }: Evidence): { ms: number; from: number } {
  const ready = Map.groupBy(watched.processes, ({ at }) => at);
  let from: number | undefined;
  let before = -1;
  let longest = { ms: 0, from: 0 };
  for (const { at, count } of watched.stored) {
    const near = [...ready.keys()].find((when) => Math.abs(when - at) < LOOK_MS);
    const allReady = near !== undefined && ready.get(near)?.every((sample) => sample.ready);
    const work = watched.redis.find((sample) => Math.abs(sample.at - at) < LOOK_MS);
    const waits = work !== undefined && work.waiting > 0;
    if (allReady && waits && count === before) {
      from ??= at;
      if (at - from > longest.ms) longest = { ms: at - from, from };
    } else from = undefined;
    before = count;
  }
  return longest;
}
