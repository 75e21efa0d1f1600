import { startRedis } from '@ms1/testkit';
import { Redis } from 'ioredis';

import type { Bench, BenchOptions, BenchReport, Table } from '../bench.ts';
import type { Drain } from '../measure-drain.ts';
import { median, short } from '../statistics.ts';
import { ADDERS, type Adder, addJobs } from './add-jobs.ts';
import { type Contender, drainQueue, IN_FLIGHT } from './drain-queue.ts';
import { PIPELINES, type Pipeline, runPipeline } from './pipeline.ts';

const SIZES = [10, 100, 500];
const CONTENDERS: readonly Contender[] = [
  'BullMQ Worker',
  'BatchWorker',
  'BatchWorker, public API',
];
/** rounds; five show the ratios, seven their spread too */
const ROUNDS = 5;
const ROUNDS_FULL = 7;

interface Scale {
  /** of the jobs */
  readonly share: number;
  readonly rounds: number;
}

type Measured<Name extends string = Contender> = Map<Name, Drain[]>;

export const batchBench: Bench = {
  name: 'batch',
  title: 'Jobs in batches against one by one',
  budgetSeconds: 45,
  async run(options: BenchOptions): Promise<BenchReport> {
    const { quick, full, say } = options;
    const scale: Scale = quick
      ? { share: 0.1, rounds: 1 }
      : { share: full ? 1 : 0.5, rounds: full ? ROUNDS_FULL : ROUNDS };
    await using server = await startRedis();
    const redis = new Redis(server.url, { maxRetriesPerRequest: null });
    const bySize = new Map<number, Measured>();
    for (const size of SIZES) {
      say(`  batches of ${size}`);
      bySize.set(size, await measureSize(redis, size, scale));
    }
    say('  adding');
    const adds = await measureAdds(redis, scale);
    say('  two queues with a hand-over');
    const pipelines = await measurePipelines(redis, scale);
    redis.disconnect();
    return report(bySize, { adds, pipelines }, scale.rounds);
  },
};

function measureSize(redis: Redis, size: number, { share, rounds }: Scale): Promise<Measured> {
  return interleaved(CONTENDERS, rounds, (contender) =>
    drainQueue(redis, contender, { size, jobs: 12_000 * share }),
  );
}

function measurePipelines(redis: Redis, { share, rounds }: Scale): Promise<Measured<Pipeline>> {
  return interleaved(PIPELINES, rounds, (pipeline) => runPipeline(redis, pipeline, 8_000 * share));
}

function measureAdds(redis: Redis, { share, rounds }: Scale): Promise<Measured<Adder>> {
  return interleaved(ADDERS, rounds, (adder) => addJobs(redis, adder, 12_000 * share));
}

/** In reverse order every other time: what else the machine does hits all alike. */
async function interleaved<Name extends string>(
  names: readonly Name[],
  rounds: number,
  measure: (name: Name) => Promise<Drain>,
): Promise<Measured<Name>> {
  const measured: Measured<Name> = new Map(names.map((name) => [name, []]));
  // The first round warms up and is forgotten.
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const drain = await measure(name);
      if (round > 0) measured.get(name)?.push(drain);
    }
  }
  return measured;
}

function report(
  bySize: Map<number, Measured>,
  { adds, pipelines }: { adds: Measured<Adder>; pipelines: Measured<Pipeline> },
  rounds: number,
): BenchReport {
  const ratio = (size: number, field: keyof Drain): number => {
    const ours = bySize.get(size)?.get('BatchWorker') ?? [];
    const theirs = bySize.get(size)?.get('BullMQ Worker') ?? [];
    // Ratios are made within a round and then the middle one is taken.
    return short(median(ours.map((drain, i) => drain[field] / (theirs[i]?.[field] ?? Number.NaN))));
  };
  return {
    notes: [
      `Payload 1 KB, no-op processor, ${IN_FLIGHT} batches in flight against a Worker with the same number of jobs in flight. Medians of ${rounds} interleaved rounds; ratios are medians of the ratios within a round.`,
    ],
    tables: [
      ...[...bySize].map(([size, measured]) => tableOf(`Batches of ${size}`, measured)),
      tableOf('Adding, 200 at a time', adds),
      tableOf('Two queues: addBulk(200), inbound, outbound; per message', pipelines),
    ],
    checks: [
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
    raw: {
      sizes: [...bySize].map(([size, measured]) => ({
        size,
        measured: Object.fromEntries(measured),
      })),
      adds: Object.fromEntries(adds),
      pipelines: Object.fromEntries(pipelines),
    },
  };
}

function tableOf(title: string, measured: Measured<string>): Table {
  const cells = (drains: readonly Drain[], field: keyof Drain): number =>
    short(median(drains.map((d) => d[field])));
  return {
    title,
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
