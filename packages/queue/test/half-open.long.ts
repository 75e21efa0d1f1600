import { expect, test } from '@jest/globals';
import { BatchWorker } from '@ms1/bullmq-batch';
import { closeRedis, connectRedis } from '@ms1/redis';
import { openFaultLine, startRedis, until } from '@ms1/testkit';
import { createQueue } from '../src/index.ts';

test('who works, adds or reads goes on when its connection is silently gone, and again the next time', async () => {
  await using server = await startRedis();
  // A NAT that forgets what it knows: bytes vanish and nothing is closed; new connections work.
  await using line = await openFaultLine({ port: server.port });
  const url = `redis://127.0.0.1:${line.port}`;
  await using stack = new AsyncDisposableStack();
  const open = async (to: string, role: 'producer' | 'worker') =>
    stack.adopt(await connectRedis({ url: to, role, name: 'test' }), (redis) => closeRedis(redis));
  const producer = await open(url, 'producer');
  const reader = await open(url, 'worker');
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
      { connection: await open(url, 'worker'), prefix: '{ms1}', batch: { size: 10 } },
    ),
    (opened) => opened.close(),
  );
  worker.on('error', () => undefined);
  const ids = ['job-a', 'job-b', 'job-c'];
  for (const [round, id] of ids.entries()) {
    if (round > 0) line.blackhole();
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
