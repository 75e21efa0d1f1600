import { describe, expect, test } from '@jest/globals';
import { type StartRedisOptions, startRedis, until } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { closeRedis } from '../src/close-redis.ts';
import { connectRedis } from '../src/connect-redis.ts';
import { createRedisCheck } from '../src/redis-check.ts';

async function setup(options: StartRedisOptions = {}, role: 'worker' | 'producer' = 'worker') {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startRedis(options));
  // At the start a node of a cluster is refused: this address has come to be one.
  const redis = options.flags?.['cluster-enabled']
    ? new Redis(server.url)
    : await connectRedis({ url: server.url, role, name: 'test' });
  stack.defer(() => closeRedis(redis));
  const command = (...words: [string, ...string[]]): Promise<unknown> => redis.call(...words);
  const clock = { at: 0, now: () => clock.at };
  const check = createRedisCheck(redis, { prefix: '{ms1}', clock });
  /** What a probe says that comes a while after the one before; null: it is well. */
  const probe = async (): Promise<string | null> => {
    clock.at += 10_000;
    return check().then(
      () => null,
      (error: Error) => error.message,
    );
  };
  const opened = stack.move();
  return {
    server,
    redis,
    command,
    check,
    probe,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

type Bundle = Awaited<ReturnType<typeof setup>>;

describe('createRedisCheck', () => {
  type Step = (bundle: Bundle) => Promise<unknown>;
  const configured = (option: string, bad: string, good: string): [Step, Step] => [
    ({ command }) => command('CONFIG', 'SET', option, bad),
    ({ command }) => command('CONFIG', 'SET', option, good),
  ];
  const faults: [string, string, Step, Step][] = [
    [
      'a failover that left us on a replica',
      'Redis is read-only',
      ({ command }) => command('REPLICAOF', '127.0.0.1', '1'),
      ({ command }) => command('REPLICAOF', 'NO', 'ONE'),
    ],
    [
      'a replica that serves nothing without its master',
      'Redis is a replica without its master',
      async ({ command }) => {
        await command('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
        await command('CONFIG', 'SET', 'replica-read-only', 'no');
        await command('REPLICAOF', '127.0.0.1', '1');
      },
      ({ command }) => command('REPLICAOF', 'NO', 'ONE'),
    ],
    ['a memory that is full', 'Redis is full', ...configured('maxmemory', '1', '0')],
    [
      'an eviction that was turned on at run time',
      'maxmemory-policy allkeys-lru',
      ...configured('maxmemory-policy', 'allkeys-lru', 'noeviction'),
    ],
    [
      'too few replicas',
      'Redis has too few replicas',
      ...configured('min-replicas-to-write', '1', '0'),
    ],
    [
      'a right that was taken away',
      'Redis does not let this user write our keys',
      ({ command }) => command('ACL', 'SETUSER', 'default', '-set'),
      ({ command }) => command('ACL', 'SETUSER', 'default', '+set'),
    ],
  ];

  test.each(faults)('tells of %s, and is well again by itself', async (_name, said, begin, end) => {
    await using bundle = await setup();
    expect(await bundle.probe()).toBeNull();
    await begin(bundle);
    await until(async () => (await bundle.probe())?.includes(said), { what: said });
    await end(bundle);
    await until(async () => (await bundle.probe()) === null, { what: 'well again' });
  });

  test('tells of a node of a cluster that has not our keys', async () => {
    const flags = { 'cluster-enabled': 'yes' };
    await using bundle = await setup({ flags });
    expect(await bundle.probe()).toBe(
      'the Cluster of Redis is down: some of its slots have no node',
    );
    await using owner = await setup({ flags });
    await owner.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await bundle.command('CLUSTER', 'MEET', '127.0.0.1', String(owner.server.port));
    await until(async () => (await bundle.probe())?.includes('does not have our keys'), {
      what: 'MOVED',
    });
  });

  test('costs one round trip in 2 s, however many probe', async () => {
    await using bundle = await setup();
    await Promise.all(Array.from({ length: 50 }, () => bundle.check()));
    for (let probes = 0; probes < 50; probes += 1) await bundle.check();
    const stats = String(await bundle.command('INFO', 'commandstats'));
    expect(stats).toMatch(/cmdstat_set:calls=1,/);
  });

  test('tells a producer of a Redis that is gone', async () => {
    await using bundle = await setup({}, 'producer');
    await bundle.server.kill();
    const said = await until(() => bundle.probe(), { what: 'not well' });
    expect(said).toBe('Redis cannot be reached');
  });

  test.each(['worker', 'producer'] as const)(
    'tells of a Redis that hangs without hanging, sends it nothing more, and is well when it goes on: %s',
    async (role) => {
      await using bundle = await setup({}, role);
      expect(await bundle.probe()).toBeNull();
      bundle.server.process.kill('SIGSTOP');
      expect(await bundle.probe()).toMatch(/Redis has not answered|Command timed out/);
      expect(await bundle.probe()).not.toBeNull();
      bundle.server.process.kill('SIGCONT');
      await until(async () => (await bundle.probe()) === null, { what: 'well again' });
    },
  );
});
