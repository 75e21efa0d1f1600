import { randomBytes } from 'node:crypto';
import { addBulk } from '@ms1/bullmq-batch';
import { QUEUES, type QueueName } from '@ms1/contracts';
import { createQueue, PayloadSealer, payloadKey } from '@ms1/queue';
import { closeRedis, connectRedis, ownerOf } from '@ms1/redis';
import { startRedis } from '@ms1/testkit';

import { payloadOf } from '../ceiling/payloads.ts';
import { usedBytes } from '../redis-usage.ts';

const JOBS = 10_000;
const CHUNK = 500;

/** Bytes of Redis that a waiting job takes with these payloads, without a key and with one. */
export async function weighJobs(
  name: QueueName,
  list: readonly unknown[],
): Promise<{ plain: number; sealed: number }> {
  const keys = [payloadKey('bench', randomBytes(32))];
  return {
    plain: await weigh(name, list, new PayloadSealer()),
    sealed: await weigh(name, list, new PayloadSealer({ keys })),
  };
}

async function weigh(
  name: QueueName,
  list: readonly unknown[],
  payloads: PayloadSealer,
): Promise<number> {
  await using server = await startRedis();
  const connection = await connectRedis({ url: server.url, role: 'worker', name: 'bench' });
  const redis = ownerOf(connection, '{ms1}');
  const queue = createQueue(QUEUES[name], { connection: redis, prefix: '{ms1}' });
  const add = (from: number) =>
    addBulk(
      queue,
      Array.from({ length: CHUNK }, (_, index) => {
        const jobId = `m-${'0'.repeat(16)}${1e5 + from + index}`;
        const data = payloads.seal(jobId, payloadOf(list, from + index) as object);
        return { name: 'bench', data, opts: { jobId } };
      }),
      { lean: true },
    );
  try {
    // What a queue and a connection allocate once is no job's.
    await add(0);
    const before = await usedBytes(redis);
    for (let from = CHUNK; from <= JOBS; from += CHUNK) await add(from);
    return ((await usedBytes(redis)) - before) / JOBS;
  } finally {
    await queue.close();
    await closeRedis(redis);
  }
}
