import { addBulk, BatchWorker } from '@ms1/bullmq-batch';
import { JOB_DEFAULTS } from '@ms1/queue';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

import { ADD_SIZE, PRODUCERS, payloadOf, type StageJob, type Stages } from './payloads.ts';

/** As the fleet's processor and sender take them. */
const HAND = { size: 250, concurrency: 3, lean: true };
const SEND = { size: 500, concurrency: 2, lean: true };
const PREFIX = '{bench}';

/** The fleet's own queues and hand-over with nothing around them: what of a session's cost is the queues'. */
export function batchStages(redis: Redis, { messages, payloads, part, onTaken }: StageJob): Stages {
  const base = { connection: redis, prefix: PREFIX };
  const queueOptions = {
    ...base,
    defaultJobOptions: JOB_DEFAULTS,
    streams: { events: { maxLen: 1_000 } },
  };
  const inbound = new Queue('inbound', queueOptions);
  const outbound = new Queue('outbound', queueOptions);

  const worker = async (
    name: string,
    batch: { size: number; concurrency: number },
    process: ConstructorParameters<typeof BatchWorker>[1],
  ) => {
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    let left = messages;
    const running = new BatchWorker(name, process, { ...base, autorun: false, batch });
    running.on('completed', () => {
      left -= 1;
      if (name === 'outbound') onTaken(messages - left);
      if (left === 0) finish();
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
      const count = Math.ceil((messages - part) / PRODUCERS);
      for (let start = 0; start < count; start += ADD_SIZE) {
        const length = Math.min(ADD_SIZE, count - start);
        await addBulk(
          inbound,
          Array.from({ length }, (_, i) => ({
            name: 'ingest-message',
            data: payloadOf(payloads.inbound, start + i),
            opts: { jobId: `m-${(start + i) * PRODUCERS + part}` },
          })),
          { lean: true },
        );
      }
    },
    hand: () =>
      worker('inbound', HAND, async ({ entries }) => {
        for (const [i, entry] of entries.entries()) {
          const data = payloadOf(payloads.outbound, i);
          entry.enqueue(outbound, 'deliver-record', data, { jobId: `o-${entry.job.id}` });
          entry.complete();
        }
      }),
    send: () => worker('outbound', SEND, async ({ entries }) => entries.map(() => undefined)),
  };
}
