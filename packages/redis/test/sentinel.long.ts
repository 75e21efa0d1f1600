import { expect, test } from '@jest/globals';
import { freePort, startRedis, startSentinel, together, until } from '@ms1/testkit';

import { closeRedis } from '../src/close-redis.ts';
import { confirmWrites } from '../src/confirm-writes.ts';
import { connectRedis } from '../src/connect-redis.ts';
import { openClient } from '../src/open-client.ts';
import { parseRedisUrl } from '../src/redis-address.ts';

const PATIENT = { name: 'test', startTimeoutMs: 30_000 } as const;

/** Writes one key after the other, and what of it was acknowledged. */
async function writeOn(url: string, stop: AbortSignal, { confirmed }: { confirmed: boolean }) {
  const redis = await connectRedis({ url, role: 'producer', ...PATIENT });
  const acknowledged: string[] = [];
  const refusals: string[] = [];
  let gapMs = 0;
  let last = performance.now();
  for (let n = 0; !stop.aborted; n += 1) {
    const key = `{ms1}:${n}`;
    const set = () => redis.set(key, '1');
    try {
      await (confirmed ? confirmWrites(redis, '{ms1}', set) : set());
      acknowledged.push(key);
      gapMs = Math.max(gapMs, performance.now() - last);
      last = performance.now();
    } catch (error) {
      refusals.push((error as Error).message);
    }
  }
  await closeRedis(redis);
  return { acknowledged, refusals, gapMs };
}

async function lostOf(url: string, keys: readonly string[]): Promise<number> {
  const redis = await connectRedis({ url, role: 'worker', ...PATIENT });
  const kept = await redis.exists(...keys);
  await closeRedis(redis);
  return keys.length - kept;
}

async function costsSeconds(signal: NodeJS.Signals): Promise<void> {
  await using sentinel = await startSentinel();
  const stop = new AbortController();
  const writing = writeOn(sentinel.url, stop.signal, { confirmed: true });
  const many = Array.from({ length: 20 }, () =>
    connectRedis({ url: sentinel.url, role: 'worker', ...PATIENT }),
  );
  const bystanders = await Promise.all(many);
  const before = await sentinel.primary();
  await until(async () => (await keysOf(before.url)) > 500, {
    what: 'writing is under way',
  });
  process.kill(before.pid, signal);
  const after = await sentinel.failedOver(before);
  const had = await keysOf(after.url);
  await until(async () => (await keysOf(after.url)) > had + 500, {
    what: 'writing goes on',
  });
  // It comes back, and is told that it is none any more.
  if (before.process.signalCode === null) process.kill(before.pid, 'SIGCONT');
  await until(async () => (await keysOf(after.url)) > had + 1_500, { what: 'and on' });
  stop.abort();
  const { acknowledged, gapMs } = await writing;
  // Measured: 4.8 s when it is killed, 5.9 s when it is frozen, 3 s of which are the Sentinels' patience.
  expect(gapMs).toBeGreaterThan(1_000);
  expect(acknowledged.length).toBeGreaterThan(1_500);
  expect(await lostOf(sentinel.url, acknowledged)).toBe(0);
  // Whatever moment of theirs the failover met: a connection that was being made must not be given up.
  expect(new Set(await Promise.all(bystanders.map((one) => one.ping())))).toEqual(
    new Set(['PONG']),
  );
  await Promise.all(bystanders.map((one) => closeRedis(one)));
}

test(
  'Sentinel: what was acknowledged is kept, and what is wrong is said',
  together(
    ...(
      [
        ['killed', 'SIGKILL'],
        ['frozen', 'SIGSTOP'],
      ] as const
    ).map(
      ([name, signal]) =>
        [
          `a primary that is ${name} costs seconds, and nothing that was acknowledged`,
          () => costsSeconds(signal),
        ] as const,
    ),

    [
      'a primary that is frozen is left for the new one; control: who is not told of the failover waits for it, and has lost what it then takes',
      async () => {
        await using sentinel = await startSentinel();
        const frozen = await sentinel.primary();
        const open = async (isTold: boolean) => {
          const client = openClient(
            parseRedisUrl(sentinel.url),
            {},
            { maxRetriesPerRequest: null },
          );
          if (!isTold) Object.assign(client.options, { failoverDetector: false });
          client.on('error', () => undefined);
          await client.connect();
          return client;
        };
        const [told, untold] = await Promise.all([open(true), open(false)]);
        process.kill(frozen.pid, 'SIGSTOP');
        let hasTaken = false;
        const taken = untold.set('{ms1}:untold', '1').then(() => (hasTaken = true));
        expect(await told.set('{ms1}:told', '1')).toBe('OK');
        expect(hasTaken).toBe(false);
        process.kill(frozen.pid, 'SIGCONT');
        await taken;
        // By who is the primary now; the other one is told to forget it within seconds.
        expect(await lostOf(sentinel.url, ['{ms1}:told'])).toBe(0);
        expect(await lostOf(sentinel.url, ['{ms1}:untold'])).toBe(1);
        for (const client of [told, untold]) client.disconnect();
      },
    ],

    [
      'a primary that is alone with its clients takes nothing for written: without WAIT that is lost',
      async () => {
        await using sentinel = await startSentinel();
        const primary = await sentinel.primary();
        const url = `redis://127.0.0.1:${primary.port}`;
        const stop = new AbortController();
        const sure = writeOn(url, stop.signal, { confirmed: true });
        const careless = await connectRedis({ url, role: 'producer', ...PATIENT });
        await until(async () => (await keysOf(primary.url)) > 100, {
          what: 'writing is under way',
        });
        // As cut off from them: they do not answer any more, and their connections are gone.
        const replicas = sentinel.servers.filter((server) => server !== primary);
        for (const { pid } of replicas) process.kill(pid, 'SIGSTOP');
        await careless.call('CLIENT', 'KILL', 'TYPE', 'replica');
        const keys = Array.from({ length: 100 }, (_, n) => `{ms1}:careless:${n}`);
        expect(await Promise.all(keys.map((key) => careless.set(key, '1')))).toHaveLength(100);
        await closeRedis(careless);
        stop.abort();
        const { acknowledged, refusals } = await sure;
        expect(refusals).toContain('no replica has confirmed the write in time');
        await primary.kill();
        for (const { pid } of replicas) process.kill(pid, 'SIGCONT');
        await sentinel.failedOver(primary);
        expect(await lostOf(sentinel.url, acknowledged)).toBe(0);
        expect(await lostOf(sentinel.url, keys)).toBe(100);
      },
    ],

    [
      'says what is wrong with the Sentinels, and what is to be done',
      async () => {
        await using sentinel = await startSentinel({ replicas: 0, password: 's3cret' });
        const said = (url: string, more: { sentinelPassword?: string } = {}) =>
          connectRedis({ url, role: 'worker', name: 'test', startTimeoutMs: 3_000, ...more }).then(
            () => 'connected',
            (error: Error) => error.message,
          );
        expect(await said(sentinel.url)).toMatch(
          /^Sentinel at .* set REDIS_SENTINEL_PASSWORD_FILE$/,
        );
        expect(
          await said(sentinel.url.replace('mymaster', 'yours'), { sentinelPassword: 's3cret' }),
        ).toMatch(/watches no primary named yours: correct the name in REDIS_URL$/);
        await using server = await startRedis();
        expect(await said(`redis+sentinel://127.0.0.1:${server.port}/mymaster`)).toMatch(
          /is no Sentinel: correct the hosts and ports in REDIS_URL$/,
        );
        const nobody = await freePort();
        expect(await said(`redis+sentinel://127.0.0.1:${nobody}/mymaster`)).toBe(
          `Sentinel at 127.0.0.1:${nobody} does not answer (ECONNREFUSED): start it or set REDIS_URL`,
        );
      },
    ],
  ),
  300_000,
);

async function keysOf(url: string): Promise<number> {
  const redis = await connectRedis({ url, role: 'worker', ...PATIENT });
  try {
    return await redis.dbsize();
  } finally {
    await closeRedis(redis);
  }
}
