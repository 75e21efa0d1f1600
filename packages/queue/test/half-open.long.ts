import { connect, createServer, type Socket } from 'node:net';

import { expect, test } from '@jest/globals';
import { BatchWorker } from '@ms1/bullmq-batch';
import { closeRedis, connectRedis } from '@ms1/redis';
import { openServer, startRedis, until } from '@ms1/testkit';
import { createQueue } from '../src/index.ts';

/** A NAT that forgets what it knows: from then on bytes vanish and nothing is closed; new connections work. */
async function forgetfulProxy(redisPort: number) {
  const pairs = new Set<{ readonly sockets: readonly Socket[]; forgotten: boolean }>();
  const server = createServer((client) => {
    const redis = connect(redisPort, '127.0.0.1');
    const pair = { sockets: [client, redis], forgotten: false };
    pairs.add(pair);
    client.on('data', (chunk) => pair.forgotten || redis.write(chunk));
    redis.on('data', (chunk) => pair.forgotten || client.write(chunk));
    for (const socket of pair.sockets) {
      socket.on('error', () => undefined);
      socket.on('close', () => pair.forgotten || pair.sockets.map((each) => each.destroy()));
    }
  });
  const open = await openServer(server);
  return {
    url: `redis://127.0.0.1:${open.port}`,
    forget(): void {
      for (const pair of pairs) pair.forgotten = true;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const { sockets } of pairs) for (const socket of sockets) socket.destroy();
      await open[Symbol.asyncDispose]();
    },
  };
}

test('who works, adds or reads goes on when its connection is silently gone, and again the next time', async () => {
  await using server = await startRedis();
  await using proxy = await forgetfulProxy(server.port);
  await using stack = new AsyncDisposableStack();
  const open = async (url: string, role: 'producer' | 'worker') =>
    stack.adopt(await connectRedis({ url, role, name: 'test' }), (redis) => closeRedis(redis));
  const producer = await open(proxy.url, 'producer');
  const reader = await open(proxy.url, 'worker');
  const direct = await open(server.url, 'worker');
  const queue = stack.adopt(
    createQueue('inbound', { connection: direct, prefix: '{ms1}' }),
    (opened) => opened.close(),
  );
  const done: (string | undefined)[] = [];
  const worker = stack.adopt(
    new BatchWorker(
      'inbound',
      async ({ entries }) => {
        for (const entry of entries) {
          done.push(entry.job.id);
          entry.complete();
        }
      },
      { connection: await open(proxy.url, 'worker'), prefix: '{ms1}', batch: { size: 10 } },
    ),
    (opened) => opened.close(),
  );
  worker.on('error', () => undefined);
  const ids = ['job-a', 'job-b', 'job-c'];
  for (const [round, id] of ids.entries()) {
    if (round > 0) proxy.forget();
    await queue.add('job', {}, { jobId: id });
    const read = reader.incr('reads');
    await until(() => producer.incr('adds').then(Boolean, () => false), {
      what: 'somebody who adds',
    });
    await until(() => done.length > round, { what: `job ${id}` });
    // Once each: a command that vanished was not run, and is sent again.
    expect(await read).toBe(round + 1);
  }
  expect(done).toEqual(ids);
}, 900_000);
