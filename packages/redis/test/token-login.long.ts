import { expect, test } from '@jest/globals';
import { startCluster, until } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { closeRedis } from '../src/close-redis.ts';
import { connectRedis } from '../src/connect-redis.ts';
import { createRedisCheck } from '../src/redis-check.ts';

const PREFIX = '{ms1}';
const USER = 'somebody';
const LIFE_MS = 4_000;

test('in a Cluster a renewed token is that of every node, of who blocks, and of who looks for slots', async () => {
  await using cluster = await startCluster({ replicas: 0 });
  await using stack = new AsyncDisposableStack();
  const admins = cluster.nodes.map(({ url }) =>
    stack.adopt(new Redis(url), (one) => one.disconnect()),
  );
  const setUser = (...rules: string[]) =>
    Promise.all(admins.map((one) => one.call('ACL', 'SETUSER', USER, ...rules)));
  await setUser('on', '~*', '+@all');
  let issued = 0;
  let isTaken = true;
  const redis = await connectRedis({
    url: cluster.url,
    role: 'worker',
    name: 'test',
    startTimeoutMs: 30_000,
    fetchToken: async () => {
      issued += 1;
      // Only the latest opens a connection.
      if (isTaken) await setUser('resetpass', `>token-${issued}`);
      return { username: USER, token: `token-${issued}`, expiresAt: Date.now() + LIFE_MS };
    },
  });
  stack.defer(() => closeRedis(redis));
  const check = createRedisCheck(redis, { prefix: PREFIX });
  const blocking = redis.duplicate();
  stack.defer(() => closeRedis(blocking));
  const popped = blocking.bzpopmin(`${PREFIX}:z`, 0);
  const then = issued;
  await until(() => issued > then + 1, { what: 'two renewals' });
  await redis.zadd(`${PREFIX}:z`, 1, 'one');
  expect(await popped).toEqual([`${PREFIX}:z`, 'one', '1']);
  // New connections are made by the latest: to the other node, which had no command yet.
  await cluster.moveSlotOf(PREFIX);
  await until(async () => (await redis.set(`${PREFIX}:a`, '1')) === 'OK', { what: 'a write' });
  await check();

  // What Redis refuses is told.
  isTaken = false;
  await setUser('resetpass', '>another');
  await Promise.all(admins.map((one) => one.call('CLIENT', 'KILL', 'USER', USER)));
  const said = await until(
    () =>
      check().then(
        () => null,
        (error: Error) => error.message,
      ),
    {
      what: 'a refusal',
    },
  );
  expect(said).toMatch(/refuses|has not answered/);
});
