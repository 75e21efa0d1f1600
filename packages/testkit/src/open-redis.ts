import type { Redis } from 'ioredis';

import { type StartRedisOptions, startRedis, type TestRedis } from './start-redis.ts';

export interface OpenRedis extends AsyncDisposable {
  readonly server: TestRedis;
  readonly redis: Redis;
  /** a client as of another process */
  connect(): Redis;
}

/**
 * A private Redis and its clients, which are closed with it. They are fit for BullMQ's workers too: they wait for a Redis
 * that is away.
 */
export async function openRedis(options: StartRedisOptions = {}): Promise<OpenRedis> {
  const server = await startRedis(options);
  const { Redis } = await import('ioredis');
  const clients: Redis[] = [];
  const connect = (): Redis => {
    const client = new Redis(server.url, { maxRetriesPerRequest: null });
    // A test that stops its Redis looks at what our code makes of it.
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  };
  return {
    server,
    redis: connect(),
    connect,
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.disconnect();
      await server.stop();
    },
  };
}
