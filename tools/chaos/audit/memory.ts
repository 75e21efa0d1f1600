import type { ProcessSample } from '../watch/process-watch.ts';
import type { Evidence } from './evidence.ts';
import { type Finding, judged, unchecked } from './finding.ts';

const RSS_MB_MAX = 512;
const FDS_MAX = 512;
/**
 * What Redis may hold above an empty fleet: the fleet's own (the events of six queues, 1,000 of 150 bytes each, and the
 * counts of pages, hours and mailboxes); of each message that ever came its ledger (250 bytes) and its words for the desk
 * (496, docs/performance.md); and a message on a queue.
 */
const FLEET_BYTES = 2 * 1_024 ** 2;
const CAME_BYTES = 250 + 496;
const HELD_BYTES = 4_096;
const SLOPE_MINUTES = 30;

/** I11: processes and Redis stay within bounds. */
export function memory({ watched, mail }: Evidence): Finding {
  const about = 'memory and descriptors are bounded';
  const seen = watched.processes.filter(({ facts }) => facts !== undefined);
  if (seen.length === 0) return unchecked('I11', about, 'no /proc on this machine');
  const rss = most(seen, ({ facts }) => facts?.rssMb ?? 0);
  const fds = most(seen, ({ facts }) => facts?.fds ?? 0);
  const fullest = fullestOf(watched.redis, mail);
  const minutes = ((seen.at(-1)?.at ?? 0) - (seen[0]?.at ?? 0)) / 60_000;
  const value = [
    `${Math.round(rss.value)} MB of ${RSS_MB_MAX} (${rss.name})`,
    `${fds.value} descriptors (${fds.name})`,
    redisSaid(fullest),
    minutes < SLOPE_MINUTES
      ? `growth: not checked in ${minutes.toFixed(0)} min`
      : `growth ${slope(seen).toFixed(2)} MB/min at most`,
  ].join('; ');
  return judged({ id: 'I11', about, value }, [
    ...(rss.value > RSS_MB_MAX ? [`${rss.name}: ${Math.round(rss.value)} MB`] : []),
    ...(fds.value > FDS_MAX ? [`${fds.name}: ${fds.value} descriptors`] : []),
    ...(fullest && fullest.bytes > fullest.allowed ? [redisSaid(fullest)] : []),
    ...(minutes >= SLOPE_MINUTES && slope(seen) >= 1
      ? [`a process grows by ${slope(seen).toFixed(2)} MB/min`]
      : []),
  ]);
}

interface Fullest {
  readonly bytes: number;
  readonly allowed: number;
  readonly held: number;
  readonly came: number;
}

/** The moment at which Redis held most of what it may hold. */
function fullestOf(samples: Evidence['watched']['redis'], mail: Evidence['mail']) {
  const base = Math.min(...samples.map(({ usedBytes }) => usedBytes));
  let fullest: Fullest | undefined;
  for (const { at, held, usedBytes } of samples) {
    const came = mail.filter((one) => one.at <= at).length;
    const allowed = FLEET_BYTES + came * CAME_BYTES + held * HELD_BYTES;
    const bytes = usedBytes - base;
    if (!fullest || bytes / allowed > fullest.bytes / fullest.allowed) {
      fullest = { bytes, allowed, held, came };
    }
  }
  return fullest;
}

const redisSaid = (fullest: Fullest | undefined): string =>
  fullest
    ? `Redis ${mb(fullest.bytes)} MB of ${mb(fullest.allowed)}, ${fullest.held} of ${fullest.came} messages on the queues`
    : 'Redis: never seen';

const mb = (bytes: number): string => (bytes / 1_024 ** 2).toFixed(1);

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
