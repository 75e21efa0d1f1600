/** A worker process for tests that kill it: `node batch-child.ts '<ChildOptions as JSON>'`. */
// oxlint-disable-next-line no-restricted-imports -- its work takes as long as its options say
import { setTimeout as wait } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Cluster, Redis } from 'ioredis';
import { type Batch } from '../src/batch.ts';
import { BatchWorker } from '../src/index.ts';
import { completing } from './completing.ts';

export interface ChildOptions {
  url: string;
  /** ports of a Redis Cluster on the loopback; instead of `url` */
  cluster?: number[];
  prefix: string;
  driver: 'scripts' | 'public';
  /**
   * effects            writes each job id to the list `effects`, then completes; poison jobs (data.poison) kill the process
   * effects-too-late   completes first: the negative control
   * hand-over          entry.enqueue to the queue `out`
   * hand-over-naive    completes, then adds: the negative control for losing
   * hand-over-unfenced adds, then completes, and `out` forgets at once: the negative control for doubling
   */
  mode: 'effects' | 'effects-too-late' | 'hand-over' | 'hand-over-naive' | 'hand-over-unfenced';
  size: number;
  concurrency: number;
  workMs: number;
  lockDuration: number;
  stalledInterval: number;
  maxStalledCount: number;
  isolateStalled?: boolean;
  outPrefix?: string;
}

interface Data {
  i: number;
  poison?: boolean;
}

const options = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;
const connection = options.cluster
  ? new Cluster(
      options.cluster.map((port) => ({ host: '127.0.0.1', port })),
      { redisOptions: { maxRetriesPerRequest: null } },
    )
  : new Redis(options.url, { maxRetriesPerRequest: null });
connection.on('error', () => undefined);
const out = new Queue('out', { connection, prefix: options.outPrefix ?? options.prefix });
out.on('error', () => undefined);
const key = (name: string): string => `${options.prefix}:${name}`;

async function effects({ entries }: Batch<Data>): Promise<void> {
  await wait(options.workMs);
  if (entries.some(({ data }) => data.poison)) process.kill(process.pid, 'SIGKILL');
  await connection.rpush(key('effects'), ...entries.map(({ job }) => job.id ?? ''));
}

async function completeAll({ jobs }: Batch<Data>): Promise<void> {
  for (const job of jobs) await job.moveToCompleted('early', job.token ?? '', false);
}

async function processBatch(batch: Batch<Data>): Promise<void> {
  switch (options.mode) {
    case 'effects':
      return effects(batch);
    case 'effects-too-late':
      await completeAll(batch);
      return effects(batch);
    case 'hand-over':
      await wait(options.workMs);
      for (const entry of batch.entries) {
        entry.enqueue(out, 'next', { from: entry.job.id }, { jobId: `o-${entry.job.id}` });
      }
      return;
    case 'hand-over-naive':
      await completeAll(batch);
      await wait(options.workMs);
      await addAll(batch);
      return;
    case 'hand-over-unfenced':
      await addAll(batch);
      await wait(options.workMs);
  }
}

const addAll = (batch: Batch<Data>): Promise<unknown> =>
  out.addBulk(
    batch.jobs.map(({ id }) => ({
      name: 'next',
      data: { from: id },
      opts: { jobId: `o-${id}`, removeOnComplete: true },
    })),
  );

const worker = new BatchWorker<Data>('jobs', completing(processBatch), {
  connection,
  prefix: options.prefix,
  lockDuration: options.lockDuration,
  stalledInterval: options.stalledInterval,
  maxStalledCount: options.maxStalledCount,
  drainDelay: 1,
  batch: {
    size: options.size,
    concurrency: options.concurrency,
    driver: options.driver,
    isolateStalled: options.isolateStalled ?? true,
  },
});
worker.on('error', () => undefined);
