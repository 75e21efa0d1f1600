import { afterAll, beforeAll } from '@jest/globals';
import { startRedis, type TestRedis, until } from '@ms1/testkit';
import { type JobsOptions, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { type BatchProcessor } from '../src/batch.ts';
import { type BatchWorkerOptions } from '../src/batch-options.ts';
import { BatchWorker } from '../src/index.ts';
import { completing } from './completing.ts';

export const DRIVERS = ['scripts', 'public'] as const;
export type DriverName = (typeof DRIVERS)[number];

interface Numbered {
  i: number;
}

type WorkerSetup = Omit<Partial<BatchWorkerOptions>, 'batch'> & {
  batch: Omit<BatchWorkerOptions['batch'], 'driver'>;
  /** true: what the processor does not decide about stays undecided; default: it is completed */
  leavesOpen?: boolean;
};

interface TestWorker<R> extends BatchWorker<Numbered, R> {
  errors: string[];
}

type Counts = Record<'waiting' | 'active' | 'completed' | 'failed' | 'delayed', number>;

export interface BatchBundle extends AsyncDisposable {
  readonly queue: Queue<Numbered>;
  readonly redis: Redis;
  readonly connection: Redis;
  readonly prefix: string;
  readonly url: string;
  readonly driver: DriverName;
  worker<R = unknown>(processor: BatchProcessor<Numbered, R>, options: WorkerSetup): TestWorker<R>;
  otherQueue(name: string): Queue;
  /** jobs { i: 0..count-1 } */
  add(count: number, options?: JobsOptions): Promise<void>;
  counts(): Promise<Counts>;
  /** waits until all of these are so at once: which job of a batch is settled first is nobody's to say */
  countsBecome(wanted: Partial<Counts>): Promise<void>;
}

/** A private Redis for a test file; every bundle has keys of its own on it. */
export function redisForFile(flags: Record<string, string | number> = {}): { get(): TestRedis } {
  let redis: TestRedis | null = null;
  beforeAll(async () => {
    redis = await startRedis({ flags });
  });
  afterAll(async () => {
    await redis?.stop();
  });
  return {
    get() {
      if (!redis) throw new Error('Redis is started before the tests');
      return redis;
    },
  };
}

let bundles = 0;

/** Queues and workers on one driver; whatever is open is closed with it. */
export async function batchBundle(server: TestRedis, driver: DriverName): Promise<BatchBundle> {
  bundles += 1;
  const prefix = `{t${bundles}}`;
  const connection = new Redis(server.url, { maxRetriesPerRequest: null });
  connection.on('error', () => undefined);
  const queue = new Queue<Numbered>('jobs', { connection, prefix });
  queue.on('error', () => undefined);
  await queue.waitUntilReady();
  const queues: Queue[] = [];
  const workers: BatchWorker<never, never>[] = [];
  const counts = async (): Promise<Counts> => {
    const all = await queue.getJobCounts('waiting', 'active', 'completed', 'failed', 'delayed');
    const { waiting = 0, active = 0, completed = 0, failed = 0, delayed = 0 } = all;
    return { waiting, active, completed, failed, delayed };
  };
  return {
    queue,
    redis: connection,
    connection,
    prefix,
    url: server.url,
    driver,
    worker<R>(
      processor: BatchProcessor<Numbered, R>,
      { batch, leavesOpen = false, ...options }: WorkerSetup,
    ) {
      const worker = new BatchWorker<Numbered, R>(
        'jobs',
        leavesOpen ? processor : completing(processor),
        {
          connection,
          prefix,
          drainDelay: 1,
          ...options,
          batch: { ...batch, driver },
        },
      ) as TestWorker<R>;
      worker.errors = [];
      worker.on('error', (error) => worker.errors.push(error.message));
      workers.push(worker as unknown as BatchWorker<never, never>);
      return worker;
    },
    otherQueue(name) {
      const other = new Queue(name, { connection, prefix });
      other.on('error', () => undefined);
      queues.push(other);
      return other;
    },
    async add(count, options = {}) {
      await queue.addBulk(
        Array.from({ length: count }, (_, i) => ({
          name: 'job',
          data: { i },
          opts: { ...options },
        })),
      );
    },
    counts,
    async countsBecome(wanted) {
      const isSo = async (): Promise<boolean> => {
        const all = Object.entries(await counts());
        return all.every(([name, count]) => (wanted[name as keyof Counts] ?? count) === count);
      };
      await until(isSo, { what: JSON.stringify(wanted) });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map((worker) => worker.close(true)));
      await Promise.all([queue, ...queues].map((open) => open.close()));
      connection.disconnect();
    },
  };
}
