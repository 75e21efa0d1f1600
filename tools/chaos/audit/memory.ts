import type { ProcessSample } from '../watch/process-watch.ts';
import type { Evidence } from './evidence.ts';
import { type Finding, judged, unchecked } from './finding.ts';

const RSS_MB_MAX = 512;
const FDS_MAX = 512;
/** Above what an empty fleet holds, and the ledger, which keeps 250 bytes of each message that ever came. */
const BYTES_A_MESSAGE_MAX = 4_096;
const LEDGER_BYTES = 250;
/** Of fewer messages the fleet's own keys are most of it. */
const HELD_MIN = 500;
const SLOPE_MINUTES = 30;

/** I11: processes and Redis stay within bounds. */
export function memory({ watched, mail }: Evidence): Finding {
  const about = 'memory and descriptors are bounded';
  const seen = watched.processes.filter(({ facts }) => facts !== undefined);
  if (seen.length === 0) return unchecked('I11', about, 'no /proc on this machine');
  const rss = most(seen, ({ facts }) => facts?.rssMb ?? 0);
  const fds = most(seen, ({ facts }) => facts?.fds ?? 0);
  const base = Math.min(...watched.redis.map(({ usedBytes }) => usedBytes));
  const fullest = watched.redis.toSorted((a, b) => b.held - a.held)[0];
  const ledger = LEDGER_BYTES * mail.filter(({ at }) => at <= (fullest?.at ?? 0)).length;
  const aMessage =
    fullest && fullest.held >= HELD_MIN
      ? Math.round((fullest.usedBytes - base - ledger) / fullest.held)
      : undefined;
  const minutes = ((seen.at(-1)?.at ?? 0) - (seen[0]?.at ?? 0)) / 60_000;
  const value = [
    `${Math.round(rss.value)} MB of ${RSS_MB_MAX} (${rss.name})`,
    `${fds.value} descriptors (${fds.name})`,
    aMessage === undefined
      ? `Redis: never ${HELD_MIN} messages at once`
      : `Redis ${aMessage} bytes a message with ${fullest?.held} on the queues`,
    minutes < SLOPE_MINUTES
      ? `growth: not checked in ${minutes.toFixed(0)} min`
      : `growth ${slope(seen).toFixed(2)} MB/min at most`,
  ].join('; ');
  return judged({ id: 'I11', about, value }, [
    ...(rss.value > RSS_MB_MAX ? [`${rss.name}: ${Math.round(rss.value)} MB`] : []),
    ...(fds.value > FDS_MAX ? [`${fds.name}: ${fds.value} descriptors`] : []),
    ...(aMessage !== undefined && aMessage > BYTES_A_MESSAGE_MAX
      ? [`Redis: ${aMessage} bytes a message`]
      : []),
    ...(minutes >= SLOPE_MINUTES && slope(seen) >= 1
      ? [`a process grows by ${slope(seen).toFixed(2)} MB/min`]
      : []),
  ]);
}

function most(samples: readonly ProcessSample[], of: (sample: ProcessSample) => number) {
  let best = { name: '', value: 0 };
  for (const sample of samples) {
    const value = of(sample);
    if (value > best.value) best = { name: sample.name, value };
  }
  return best;
}

/** MB/min of the process that grows most, by least squares over the last half hour. */
function slope(samples: readonly ProcessSample[]): number {
  const since = (samples.at(-1)?.at ?? 0) - SLOPE_MINUTES * 60_000;
  const byName = Map.groupBy(
    samples.filter(({ at }) => at >= since),
    ({ name }) => name,
  );
  return Math.max(...[...byName.values()].map(slopeOf));
}

function slopeOf(samples: readonly ProcessSample[]): number {
  const xs = samples.map(({ at }) => at / 60_000);
  const ys = samples.map(({ facts }) => facts?.rssMb ?? 0);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(xs), mean(ys)];
  const top = xs.reduce((sum, x, index) => sum + (x - mx) * ((ys[index] ?? 0) - my), 0);
  const bottom = xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
  return bottom === 0 ? 0 : top / bottom;
}
