import { startRedis } from '@ms1/testkit';
import { Redis } from 'ioredis';

import type { Bench, BenchOptions, BenchReport, Table } from '../bench.ts';
import type { Drain } from '../measure-drain.ts';
import { median, short } from '../statistics.ts';
import { type Contender, drainQueue, IN_FLIGHT } from './drain-queue.ts';

const SIZES = [1, 10, 100, 500];
const CONTENDERS: readonly Contender[] = [
  'BullMQ Worker',
  'BatchWorker',
  'BatchWorker, public API',
];
const REPETITIONS = 7;

type Measured = Map<Contender, Drain[]>;

export const batchBench: Bench = {
  name: 'batch',
  title: 'Jobs in batches against one by one',
  async run({ quick, say }: BenchOptions): Promise<BenchReport> {
    await using server = await startRedis();
    const redis = new Redis(server.url, { maxRetriesPerRequest: null });
    const bySize = new Map<number, Measured>();
    for (const size of SIZES) {
      say(`  batches of ${size}`);
      bySize.set(size, await measureSize(redis, size, quick));
    }
    redis.disconnect();
    return report(bySize);
  },
};

/** Interleaved, and in reverse order every other time: what else the machine does hits all alike. */
async function measureSize(redis: Redis, size: number, quick: boolean): Promise<Measured> {
  const jobs = (size === 1 ? 6_000 : 12_000) / (quick ? 10 : 1);
  const measured: Measured = new Map(CONTENDERS.map((contender) => [contender, []]));
  // The first round warms up and is forgotten.
  for (let round = 0; round <= (quick ? 1 : REPETITIONS); round += 1) {
    const order = round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed();
    for (const contender of order) {
      const drain = await drainQueue(redis, contender, { size, jobs });
      if (round > 0) measured.get(contender)?.push(drain);
    }
  }
  return measured;
}

function report(bySize: Map<number, Measured>): BenchReport {
  const ratio = (size: number, field: keyof Drain): number => {
    const ours = bySize.get(size)?.get('BatchWorker') ?? [];
    const theirs = bySize.get(size)?.get('BullMQ Worker') ?? [];
    // Ratios are made within a round and then the middle one is taken.
    return short(median(ours.map((drain, i) => drain[field] / (theirs[i]?.[field] ?? Number.NaN))));
  };
  return {
    notes: [
      `Payload 1 KB, no-op processor, ${IN_FLIGHT} batches in flight against a Worker with the same number of jobs in flight. Medians of ${REPETITIONS} interleaved rounds; ratios are medians of the ratios within a round.`,
    ],
    tables: [...bySize].map(([size, measured]) => tableOf(size, measured)),
    checks: [
      {
        what: 'batch 1: jobs/s against Worker',
        value: ratio(1, 'jobsPerSecond'),
        bound: { min: 1 },
      },
      {
        what: 'batch 100: client CPU a job against Worker',
        value: ratio(100, 'clientUs'),
        bound: { max: 0.55 },
      },
      {
        what: 'batch 100: Redis CPU a job against Worker',
        value: ratio(100, 'redisUs'),
        bound: { max: 0.85 },
      },
      {
        what: 'batch 500: jobs/s against Worker',
        value: ratio(500, 'jobsPerSecond'),
        bound: { min: 2 },
      },
    ],
    raw: [...bySize].map(([size, measured]) => ({ size, measured: Object.fromEntries(measured) })),
  };
}

function tableOf(size: number, measured: Measured): Table {
  const cells = (drains: readonly Drain[], field: keyof Drain): number =>
    short(median(drains.map((d) => d[field])));
  return {
    title: `Batches of ${size}`,
    columns: [
      'worker',
      'jobs/s',
      'Redis us/job',
      'client us/job',
      'Redis commands/job',
      'script runs/job',
    ],
    rows: [...measured].map(([contender, drains]) => [
      contender,
      Math.round(cells(drains, 'jobsPerSecond')),
      cells(drains, 'redisUs'),
      cells(drains, 'clientUs'),
      cells(drains, 'commands'),
      cells(drains, 'scripts'),
    ]),
  };
}
