import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { closeRedis, connectRedis } from '@ms1/redis';
import { freePort, startRedis, until } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { createQueue } from '../src/create-queue.ts';
import { createWorker } from '../src/create-worker.ts';
import { runWorker } from '../src/run-worker.ts';

const PREFIX = '{ms1}';
/** ms that all of it is away; BullMQ gives a Cluster that is gone 30 s to come back, and asks again */
const AWAY_MS = 35_000;

/** A Cluster of one node, which can be killed and comes back as it was. */
async function lonelyCluster() {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'ms1-cluster-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const port = await freePort();
  const start = () =>
    startRedis({
      port,
      dir,
      // A node that has met no other does not know where it is.
      flags: { 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1', appendonly: 'yes' },
    });
  let node = await start();
  stack.defer(() => node.stop());
  const admin = new Redis(node.url);
  await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await until(async () => (await admin.cluster('INFO')).includes('cluster_state:ok'), {
    what: 'the Cluster is up',
  });
  admin.disconnect();
  const opened = stack.move();
  return {
    url: `redis+cluster://127.0.0.1:${port}`,
    kill: () => node.kill(),
    async comeBack() {
      node = await start();
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

test('a worker goes on when all nodes of a Cluster were away for longer than BullMQ waits for them', async () => {
  await using cluster = await lonelyCluster();
  await using stack = new AsyncDisposableStack();
  const connection = stack.adopt(
    await connectRedis({ url: cluster.url, role: 'worker', name: 'test', startTimeoutMs: 30_000 }),
    (redis) => closeRedis(redis),
  );
  const queue = createQueue('inbound', { connection, prefix: PREFIX });
  stack.defer(() => queue.close());
  const done: string[] = [];
  const worker = createWorker({
    queue: 'inbound',
    connection,
    prefix: PREFIX,
    concurrency: 1,
    process: async ({ id }) => void done.push(id),
  });
  const stop = new AbortController();
  const running = runWorker(worker, connection)(stop.signal);
  await queue.add('job', {}, { jobId: 'before' });
  await until(() => done.includes('before'), { what: 'a job before' });
  // It waits for work when all goes: of one that is ending a job just then docs/reliability.md#dead-loops says more.
  await until(async () => (await queue.getActiveCount()) === 0, { what: 'that job has ended' });

  await cluster.kill();
  const killed = performance.now();
  await until(() => performance.now() - killed > AWAY_MS, { what: 'it is away' });
  await cluster.comeBack();
  const back = performance.now();
  await queue.add('job', {}, { jobId: 'after' });
  await until(() => done.includes('after'), { what: 'a job after' });
  expect(performance.now() - back).toBeLessThan(30_000);
  stop.abort();
  await running;
});
