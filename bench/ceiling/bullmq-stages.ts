import { JOB_DEFAULTS } from '@ms1/queue';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';

import { ADD_SIZE, PRODUCERS, payloadOf, type StageJob, type Stages } from './payloads.ts';

/** Jobs in hand in each worker, as one would set it without batches. */
const CONCURRENCY = 100;
const PREFIX = '{bench}';

/** The same two queues by BullMQ alone: addBulk(), one job at a time, add(), one job at a time. */
export function bullmqStages(
  redis: Redis,
  { messages, payloads, part, onTaken }: StageJob,
): Stages {
  const base = { connection: redis, prefix: PREFIX };
  const queueOptions = { ...base, defaultJobOptions: JOB_DEFAULTS };
  const inbound = new Queue('inbound', queueOptions);
  const outbound = new Queue('outbound', queueOptions);

  const worker = async (name: string, process: (id: string, n: number) => Promise<unknown>) => {
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    let taken = 0;
    const running = new Worker(name, async ({ id = '' }) => void (await process(id, taken)), {
      ...base,
      autorun: false,
      concurrency: CONCURRENCY,
    });
    running.on('completed', () => {
      taken += 1;
      if (name === 'outbound') onTaken(taken);
      if (taken === messages) finish();
    });
    running.on('error', (error) => console.error(error));
    await running.waitUntilReady();
    return async () => {
      void running.run();
      await done;
    };
  };

  return {
    produce: async () => async () => {
      const own = Array.from(
        { length: Math.ceil((messages - part) / PRODUCERS) },
        (_, i) => i * PRODUCERS + part,
      );
      for (let start = 0; start < own.length; start += ADD_SIZE) {
        await inbound.addBulk(
          own.slice(start, start + ADD_SIZE).map((n) => ({
            name: 'ingest-message',
            data: payloadOf(payloads.inbound, n),
            opts: { jobId: `m-${n}` },
          })),
        );
      }
    },
    hand: () =>
      worker('inbound', (id, n) =>
        outbound.add('deliver-record', payloadOf(payloads.outbound, n), { jobId: `o-${id}` }),
      ),
    send: () => worker('outbound', () => Promise.resolve()),
  };
}
