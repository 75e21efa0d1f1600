import { writeFile } from 'node:fs/promises';

import type { Bench, BenchOptions, BenchReport, Table } from '../bench.ts';
import { startBenchFleet } from '../session/bench-fleet.ts';
import { type LoadCost, runLoad } from '../session/run-load.ts';
import { short } from '../statistics.ts';
import { sustainedRate } from '../sustained-rate.ts';
import { drawPanels, type Panel } from './draw-panels.ts';

interface Point {
  readonly x: number;
  readonly cost: LoadCost;
}

interface Curve {
  readonly title: string;
  readonly axis: string;
  readonly points: Point[];
}

const SVG = new URL('../../docs/growth.svg', import.meta.url);
const ANNOUNCED = 0.5;
/** until every process has met its work: code compiled, scripts loaded */
const WARM_UP = 1_000;

export const growthBench: Bench = {
  name: 'growth',
  title: 'How the cost of a message grows',
  budgetSeconds: 0,
  async run(options: BenchOptions): Promise<BenchReport> {
    const { quick, full, say } = options;
    const scale = quick ? 0.02 : full ? 1 : 0.1;
    const curves = [
      await messagesCurve([1_000, 3_000, 10_000, 30_000, 100_000], scale, say),
      await fleetsCurve('mailboxes', [1, 5, 20, 100, 500], 10_000 * Math.max(scale, 0.2), say),
      await fleetsCurve('workers', [1, 2, 3, 4], 10_000 * Math.max(scale, 0.2), say),
    ];
    if (!quick) await writeFile(SVG, drawPanels(curves.map(panelOf)));
    return {
      notes: [
        'No latency; half announced. Seconds of CPU per 1,000 messages: that of the five apps together, and that of Redis. One run a point.',
      ],
      tables: curves.map(tableOf),
      checks: [],
      raw: curves,
    };
  },
};

async function messagesCurve(
  sizes: readonly number[],
  scale: number,
  say: BenchOptions['say'],
): Promise<Curve> {
  const points: Point[] = [];
  await using fleet = await startBenchFleet({ mailboxes: 20, say });
  await runLoad(fleet, { messages: WARM_UP, seed: 1, announced: ANNOUNCED });
  for (const [index, size] of sizes.entries()) {
    const messages = Math.max(200, Math.round(size * scale));
    say(`  ${messages} messages`);
    const cost = await runLoad(fleet, { messages, seed: index + 2, announced: ANNOUNCED });
    points.push({ x: messages, cost });
  }
  return { title: 'Messages, 20 mailboxes, 1 process each', axis: 'messages', points };
}

/** A fleet of its own for every point: how many mailboxes, or how many processors and senders. */
async function fleetsCurve(
  what: 'mailboxes' | 'workers',
  sizes: readonly number[],
  messages: number,
  say: BenchOptions['say'],
): Promise<Curve> {
  const points: Point[] = [];
  for (const x of sizes) {
    say(`  ${x} ${what}`);
    await using fleet = await startBenchFleet({
      mailboxes: what === 'mailboxes' ? x : 20,
      ...(what === 'workers' && { workers: `processor=${x},ms4-sender=${x}` }),
      say,
    });
    await runLoad(fleet, { messages: WARM_UP, seed: 1, announced: ANNOUNCED });
    points.push({ x, cost: await runLoad(fleet, { messages, seed: 2, announced: ANNOUNCED }) });
  }
  const title =
    what === 'mailboxes'
      ? `Mailboxes, ${messages} messages`
      : `Processors and senders, ${messages} messages`;
  return { title, axis: what, points };
}

/** seconds of CPU per 1,000 messages: of the apps together, of Redis */
function cpuOf({ cpuSeconds, messages, redis }: LoadCost): { apps: number; redis: number } {
  let apps = 0;
  for (const [name, seconds] of Object.entries(cpuSeconds)) {
    if (name !== 'redis' && name !== 'simulator') apps += seconds;
  }
  return { apps: (apps / messages) * 1e3, redis: redis.cpuUs / messages / 1e3 };
}

function panelOf({ title, axis, points }: Curve): Panel {
  const line = (of: 'apps' | 'redis') => points.map(({ x, cost }) => [x, cpuOf(cost)[of]] as const);
  return {
    title,
    xTitle: axis,
    yTitle: 's of CPU per 1,000 messages',
    lines: [
      { name: 'apps', points: line('apps') },
      { name: 'Redis', points: line('redis') },
    ],
  };
}

function tableOf({ title, axis, points }: Curve): Table {
  return {
    title,
    columns: [
      axis,
      'messages/s',
      'apps, s per 1,000',
      'Redis, s per 1,000',
      'Redis reads a message',
    ],
    rows: points.map(({ x, cost }) => {
      const { apps, redis } = cpuOf(cost);
      return [
        x,
        short(sustainedRate(cost.progress, cost.messages)),
        short(apps),
        short(redis),
        short(cost.redis.reads / cost.messages),
      ];
    }),
  };
}
