import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

import { expect, test } from '@jest/globals';
import { freePort, startRedis, until } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { LiveRedis } from '../src/live-redis.ts';

/** A proxy that takes connections while its Redis is away, and lets go of them. */
async function proxyTo(port: number) {
  const sockets = new Set<Socket>();
  let isAway = true;
  const server = createServer((near) => {
    sockets.add(near);
    near.on('error', () => undefined);
    if (isAway) return;
    const far = connect(port, '127.0.0.1').on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  server.listen(await freePort(), '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    letGo: () => {
      isAway = false;
      for (const socket of sockets) socket.destroy();
    },
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** How many of its questions a client has got an answer to, once it answers a later one. */
async function answersOf(open: (port: number) => Redis): Promise<number> {
  await using server = await startRedis();
  using proxy = await proxyTo(server.port);
  const redis = open(proxy.port);
  redis.on('error', () => undefined);
  try {
    await until(() => redis.status === 'connect', { what: 'a socket' });
    let answers = 0;
    const questions = [redis.info('memory'), redis.time(), redis.get('key')];
    for (const one of questions) one.then(() => (answers += 1)).catch(() => undefined);
    proxy.letGo();
    await until(() => redis.status === 'ready', { what: 'the next connection' });
    await redis.ping();
    return answers;
  } finally {
    redis.disconnect();
  }
}

test('what is asked while a connection is made is answered by the next one; control: plain ioredis forgets it', async () => {
  const options = { host: '127.0.0.1', maxRetriesPerRequest: null, retryStrategy: () => 50 };
  expect(await answersOf((port) => new LiveRedis({ ...options, port }))).toBe(3);
  expect(await answersOf((port) => new Redis({ ...options, port }))).toBe(1);
});
