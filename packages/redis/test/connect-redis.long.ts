import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { freePort, openFaultLine, startRedis, until } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { closeRedis } from '../src/close-redis.ts';
import { connectRedis } from '../src/connect-redis.ts';

/** A Sentinel that watches nobody: it wants a file of its own to write to. */
async function sentinel() {
  const dir = await mkdtemp(join(tmpdir(), 'ms1-sentinel-'));
  const file = join(dir, 'sentinel.conf');
  const port = await freePort();
  await writeFile(file, `port ${port}\nbind 127.0.0.1\ndir ${dir}\n`);
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  return {
    url: `redis://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

describe('connectRedis', () => {
  test('says in one sentence which Redis does not answer, without its password', async () => {
    const port = await freePort();
    const attempt = connectRedis({
      url: `redis://:hunter2@127.0.0.1:${port}`,
      role: 'worker',
      name: 'test',
      startTimeoutMs: 3_000,
    });
    await expect(attempt).rejects.toThrow(
      `Redis at 127.0.0.1:${port} does not answer (ECONNREFUSED): start it or set REDIS_URL`,
    );
  });

  test('waits for a Redis that starts a little later', async () => {
    const port = await freePort();
    const attempt = connectRedis({
      url: `redis://127.0.0.1:${port}`,
      role: 'worker',
      name: 'test',
      startTimeoutMs: 30_000,
    });
    await using server = await startRedis({ port });
    const redis = await attempt;
    expect(await redis.info('server')).toContain(`process_id:${server.pid}`);
    await closeRedis(redis);
  });

  test('refuses a Redis that may evict: it could drop jobs silently', async () => {
    await using server = await startRedis({ flags: { 'maxmemory-policy': 'allkeys-lru' } });
    const attempt = connectRedis({ url: server.url, role: 'producer', name: 'test' });
    await expect(attempt).rejects.toThrow(/maxmemory-policy allkeys-lru .*noeviction/);
    const looker = await connectRedis({
      url: server.url,
      role: 'producer',
      name: 'test',
      mayEvict: true,
    });
    // Control: it takes all, and keeps what it likes.
    await looker.config('SET', 'maxmemory', '4mb');
    const names = Array.from({ length: 1_000 }, (_, k) => `job:${k}`);
    const answers = await Promise.all(names.map((one) => looker.set(one, 'x'.repeat(10_000))));
    expect(new Set(answers)).toEqual(new Set(['OK']));
    expect(await looker.exists(...names)).toBeLessThan(1_000);
    await closeRedis(looker);
  });

  test('refuses a Sentinel and a node of a Cluster by name', async () => {
    const patient = { role: 'worker', name: 'test', startTimeoutMs: 30_000 } as const;
    await using node = await startRedis({ flags: { 'cluster-enabled': 'yes' } });
    const toNode = connectRedis({ url: node.url, ...patient });
    await expect(toNode).rejects.toThrow(/a node of a Cluster: write redis\+cluster/);
    await using other = await sentinel();
    const toSentinel = connectRedis({ url: other.url, ...patient });
    await expect(toSentinel).rejects.toThrow(/a Sentinel, which keeps no data/);
  });

  test('gives a producer at its start more time for an answer than for a command later on', async () => {
    await using server = await startRedis();
    // Above the 1.5 s of a command, as on a host whose processes all start at once.
    await using slow = await openFaultLine({ port: server.port });
    slow.delay(800);
    const url = `redis://127.0.0.1:${slow.port}`;
    const redis = await connectRedis({ url, role: 'producer', name: 'test' });
    await expect(redis.ping()).rejects.toThrow(/timed out/i);
    redis.disconnect();
  });

  test('a producer gets an error from a frozen Redis within its time, a worker waits for the thaw', async () => {
    await using server = await startRedis();
    const producer = await connectRedis({ url: server.url, role: 'producer', name: 'producer' });
    const worker = await connectRedis({ url: server.url, role: 'worker', name: 'worker' });
    server.process.kill('SIGSTOP');
    const waiting = worker.set('a', '1');
    await expect(producer.set('a', '2')).rejects.toThrow(/timed out/i);
    server.process.kill('SIGCONT');
    await expect(waiting).resolves.toBe('OK');
    await Promise.all([closeRedis(producer), closeRedis(worker)]);
  });

  test('a producer is told in its time that Redis is slow; control: a plain client knows nothing then', async () => {
    await using server = await startRedis();
    await using line = await openFaultLine({ port: server.port });
    const url = `redis://127.0.0.1:${line.port}`;
    const producer = await connectRedis({ url, role: 'producer', name: 'test' });
    const plain = new Redis(url);
    await plain.ping();
    line.delay(2_000);
    let told = 'nothing';
    const waiting = plain.incr('plain').finally(() => {
      told = 'an answer';
    });
    await expect(producer.incr('ours')).rejects.toThrow(/timed out/i);
    expect(told).toBe('nothing');
    // What timed out was applied nevertheless, which is why all that is added has an id of its own.
    await waiting;
    line.delay(0);
    await until(async () => (await plain.get('ours')) === '1', { what: 'it was applied' });
    plain.disconnect();
    await closeRedis(producer);
  });

  test('who is not let in comes again with all it asked; control: a client that does not has lost it', async () => {
    await using server = await startRedis();
    const admin = new Redis(server.url);
    const ours = await connectRedis({ url: server.url, role: 'worker', name: 'test' });
    const plain = new Redis(server.url, { retryStrategy: () => null });
    plain.on('error', () => undefined);
    await plain.ping();
    await admin.config('SET', 'maxclients', '1');
    await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    const [waiting, thrown] = [ours.incr('ours'), plain.incr('plain')];
    await expect(thrown).rejects.toThrow();
    await admin.config('SET', 'maxclients', '100');
    await expect(waiting).resolves.toBe(1);
    expect(plain.status).toBe('end');
    expect(await admin.exists('plain')).toBe(0);
    for (const one of [plain, admin]) one.disconnect();
    await closeRedis(ours);
  });

  test('finds a connection that is silently gone; control: a plain client waits on it for ever', async () => {
    await using server = await startRedis();
    await using line = await openFaultLine({ port: server.port });
    const url = `redis://127.0.0.1:${line.port}`;
    const ours = await connectRedis({ url, role: 'worker', name: 'test' });
    const plain = new Redis(url, { maxRetriesPerRequest: null });
    await plain.ping();
    line.blackhole();
    let told = 'nothing';
    const waiting = plain.incr('plain').finally(() => {
      told = 'an answer';
    });
    waiting.catch(() => undefined);
    expect(await ours.incr('ours')).toBe(1);
    expect({ told, status: plain.status }).toEqual({ told: 'nothing', status: 'ready' });
    plain.disconnect();
    await closeRedis(ours);
  });

  test('closing does not wait for a Redis that is frozen', async () => {
    await using server = await startRedis();
    const redis = await connectRedis({ url: server.url, role: 'worker', name: 'test' });
    server.process.kill('SIGSTOP');
    await expect(closeRedis(redis, 100)).resolves.toBeUndefined();
    server.process.kill('SIGCONT');
  });
});
