import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { freePort, startCluster, startRedis, until } from '@ms1/testkit';
import { Redis as PlainRedis } from 'ioredis';

import { closeRedis } from '../src/close-redis.ts';
import { confirmWrites } from '../src/confirm-writes.ts';
import { connectRedis } from '../src/connect-redis.ts';
import { ownerOf } from '../src/owner-of.ts';
import { createRedisCheck } from '../src/redis-check.ts';

const PREFIX = '{ms1}';
const PATIENT = { name: 'test', startTimeoutMs: 30_000 } as const;

/** Counts up on a key of ours, and what of it was acknowledged. */
async function countOn(url: string, stop: AbortSignal) {
  const redis = await connectRedis({ url, role: 'producer', ...PATIENT });
  let acknowledged = 0;
  let gapMs = 0;
  let last = performance.now();
  while (!stop.aborted) {
    try {
      await confirmWrites(redis, PREFIX, () => redis.rpush(`${PREFIX}:count`, '1'));
      acknowledged += 1;
      gapMs = Math.max(gapMs, performance.now() - last);
      last = performance.now();
    } catch {
      // Refused, perhaps at once: it counts for nothing.
      await nextTurn();
    }
  }
  const kept = await until(() => redis.llen(`${PREFIX}:count`), { what: 'the count' });
  await closeRedis(redis);
  return { acknowledged, kept, gapMs };
}

describe('a Cluster', () => {
  test.each([
    ['killed', 'SIGKILL'],
    ['frozen', 'SIGSTOP'],
  ] as const)(
    'a node that is %s costs seconds, and nothing that was acknowledged',
    async (_, signal) => {
      await using cluster = await startCluster();
      const worker = await connectRedis({ url: cluster.url, role: 'worker', ...PATIENT });
      const length = () => worker.llen(`${PREFIX}:count`);
      const stop = new AbortController();
      const counting = countOn(cluster.url, stop.signal);
      await until(async () => (await length()) > 300, { what: 'counting is under way' });
      const owner = await cluster.ownerOf(PREFIX);
      process.kill(owner.pid, signal);
      // The worker waits for as long as it takes.
      const had = await length();
      expect(had).toBeGreaterThan(300);
      await until(async () => (await length()) > had + 300, { what: 'counting goes on' });
      if (signal === 'SIGSTOP') process.kill(owner.pid, 'SIGCONT');
      await until(async () => (await length()) > had + 600, { what: 'and on' });
      stop.abort();
      const { acknowledged, kept, gapMs } = await counting;
      expect(kept).toBeGreaterThanOrEqual(acknowledged);
      // Measured: 4.8 and 5.1 s when it is killed, 6.0 and 7.4 s when it is frozen.
      expect(gapMs).toBeGreaterThan(1_000);
      await closeRedis(worker);
    },
  );

  test('asks the node that has our keys, wherever they move', async () => {
    await using cluster = await startCluster({ replicas: 0 });
    const redis = await connectRedis({ url: cluster.url, role: 'worker', ...PATIENT });
    const check = createRedisCheck(redis, { prefix: PREFIX });
    const portOf = async () =>
      Number(/^tcp_port:(\d+)/m.exec(await ownerOf(redis, PREFIX).info('server'))?.[1]);
    await redis.set(`${PREFIX}:a`, '1');
    const before = (await cluster.ownerOf(PREFIX)).port;
    expect(await portOf()).toBe(before);
    // The control: whoever knows that node alone.
    const plain = new PlainRedis(before, '127.0.0.1');
    expect(await plain.get(`${PREFIX}:a`)).toBe('1');
    await cluster.moveSlotOf(PREFIX);
    expect(await redis.get(`${PREFIX}:a`)).toBe('1');
    await check();
    const after = (await cluster.ownerOf(PREFIX)).port;
    expect(after).not.toBe(before);
    expect(await portOf()).toBe(after);
    await expect(plain.get(`${PREFIX}:a`)).rejects.toThrow(/^MOVED/);
    plain.disconnect();
    await closeRedis(redis);
  });

  test('a producer gets an error within its time while nothing answers, and a worker goes on when all is back', async () => {
    await using cluster = await startCluster({ replicas: 0 });
    const producer = await connectRedis({ url: cluster.url, role: 'producer', ...PATIENT });
    const worker = await connectRedis({ url: cluster.url, role: 'worker', ...PATIENT });
    const blocking = worker.duplicate();
    blocking.on('error', () => undefined);
    for (const { pid } of cluster.nodes) process.kill(pid, 'SIGSTOP');
    await expect(producer.set(`${PREFIX}:a`, '1')).rejects.toThrow(/timed out/);
    const waiting = worker.set(`${PREFIX}:a`, '2');
    const popped = blocking.bzpopmin(`${PREFIX}:z`, 0);
    for (const { pid } of cluster.nodes) process.kill(pid, 'SIGCONT');
    expect(await waiting).toBe('OK');
    await worker.zadd(`${PREFIX}:z`, 1, 'one');
    expect(await popped).toEqual([`${PREFIX}:z`, 'one', '1']);
    await Promise.all([closeRedis(producer), closeRedis(worker), closeRedis(blocking)]);
  });

  test('says what is wrong with it, and what is to be done', async () => {
    const said = (url: string) =>
      connectRedis({ url, role: 'worker', name: 'test', startTimeoutMs: 3_000 }).then(
        () => 'connected',
        (error: Error) => error.message,
      );
    await using server = await startRedis();
    expect(await said(`redis+cluster://127.0.0.1:${server.port}`)).toMatch(
      /is no Cluster: write REDIS_URL without \+cluster$/,
    );
    await using node = await startRedis({ flags: { 'cluster-enabled': 'yes' } });
    expect(await said(`redis+cluster://127.0.0.1:${node.port}`)).toMatch(
      /is down: some of its slots have no node/,
    );
    const nobody = await freePort();
    expect(await said(`redis+cluster://127.0.0.1:${nobody}`)).toBe(
      `Redis at the Cluster of 127.0.0.1:${nobody} does not answer (ECONNREFUSED): start it or set REDIS_URL`,
    );
  });
});
