import { addBulk, BatchWorker } from '@ms1/bullmq-batch';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';

import { type Drain, measureDrain } from '../measure-drain.ts';

export type Pipeline =
  | 'plain Workers, out.add()'
  | 'plain Workers, collected addBulk()'
  | 'BatchWorkers, entry.enqueue()'
  | 'BatchWorkers, lean';

export const PIPELINES: readonly Pipeline[] = [
  'plain Workers, out.add()',
  'plain Workers, collected addBulk()',
  'BatchWorkers, entry.enqueue()',
  'BatchWorkers, lean',
];

const SIZE = 100;
const IN_FLIGHT = 4;
const PAYLOAD = { v: 1, text: 'x'.repeat(1_000) };
const OPTS = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: true,
};

interface Base {
  readonly connection: Redis;
  readonly prefix: string;
}

interface Closable {
  run(): Promise<void>;
  close(): Promise<void>;
  waitUntilReady(): Promise<unknown>;
}

/** Producer, inbound, worker, outbound, worker: all in one process, from the first add to the last completion. */
export async function runPipeline(
  redis: Redis,
  pipeline: Pipeline,
  messages: number,
): Promise<Drain> {
  await redis.flushall();
  const base: Base = { connection: redis, prefix: '{bench}' };
  const [inbound, outbound] = [new Queue('in', base), new Queue('out', base)];
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  let left = messages;
  const onSent = (count: number): void => {
    left -= count;
    if (left === 0) finish();
  };
  const lean = pipeline === 'BatchWorkers, lean';
  const batches = lean || pipeline === 'BatchWorkers, entry.enqueue()';
  const workers = batches
    ? batchWorkers(base, outbound, { lean, onSent })
    : plainWorkers(base, outbound, pipeline, onSent);
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  const drain = await measureDrain(redis, messages, async () => {
    for (const worker of workers) void worker.run();
    await produce(inbound, messages, batches ? { lean } : null);
    await done;
  });
  await Promise.all(workers.map((worker) => worker.close()));
  await Promise.all([inbound.close(), outbound.close()]);
  return drain;
}

async function produce(
  inbound: Queue,
  messages: number,
  bulk: { lean: boolean } | null,
): Promise<void> {
  for (let i = 0; i < messages; i += 200) {
    const jobs = Array.from({ length: Math.min(200, messages - i) }, (_, k) => ({
      name: 'job',
      data: PAYLOAD,
      opts: { ...OPTS, jobId: `m-${i + k}` },
    }));
    await (bulk ? addBulk(inbound, jobs, bulk) : inbound.addBulk(jobs));
  }
}

function batchWorkers(
  base: Base,
  out: Queue,
  { lean, onSent }: { lean: boolean; onSent: (count: number) => void },
): Closable[] {
  const batch = { size: SIZE, concurrency: IN_FLIGHT, lean };
  const hand = new BatchWorker(
    'in',
    async ({ entries }) => {
      for (const entry of entries) {
        entry.enqueue(out, 'job', PAYLOAD, { ...OPTS, jobId: `o-${entry.job.id}` });
        entry.complete();
      }
    },
    { ...base, autorun: false, batch },
  );
  const send = new BatchWorker(
    'out',
    async ({ entries }) => {
      for (const entry of entries) entry.complete();
      onSent(entries.length);
    },
    {
      ...base,
      autorun: false,
      batch,
    },
  );
  return [hand, send];
}

function plainWorkers(
  base: Base,
  out: Queue,
  pipeline: Pipeline,
  onSent: (count: number) => void,
): Closable[] {
  const options = { ...base, autorun: false, concurrency: SIZE * IN_FLIGHT };
  const add = pipeline === 'plain Workers, out.add()' ? addOne(out) : collected(out);
  const hand = new Worker('in', async (job) => void (await add(`o-${job.id}`)), options);
  const send = new Worker('out', async () => onSent(1), options);
  return [hand, send];
}

const addOne =
  (out: Queue) =>
  (jobId: string): Promise<unknown> =>
    out.add('job', PAYLOAD, { ...OPTS, jobId });

/** What people write to get batches out of a plain Worker: jobs wait for company, at most until the next tick. */
function collected(out: Queue): (jobId: string) => Promise<void> {
  let open: { ids: string[]; added: Promise<void> } | null = null;
  const addSoon = async (ids: string[]): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    open = null;
    await out.addBulk(
      ids.map((jobId) => ({ name: 'job', data: PAYLOAD, opts: { ...OPTS, jobId } })),
    );
  };
  const start = (): { ids: string[]; added: Promise<void> } => {
    const ids: string[] = [];
    return { ids, added: addSoon(ids) };
  };
  return async (jobId) => {
    open ??= start();
    open.ids.push(jobId);
    await open.added;
  };
}
