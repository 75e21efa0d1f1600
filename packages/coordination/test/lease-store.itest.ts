import { expect, jest, test } from '@jest/globals';
import { openRedis, until } from '@ms1/testkit';

import { LeaseStore } from '../src/index.ts';

async function setup() {
  const opened = await openRedis();
  const { redis } = opened;
  const other = opened.connect();
  return {
    ...opened,
    leases: new LeaseStore(redis),
    /** another process */
    otherLeases: new LeaseStore(other),
  };
}

test('of twenty that ask at once, one gets it', async () => {
  await using bundle = await setup();
  const asked = Array.from({ length: 20 }, (_, i) =>
    (i % 2 ? bundle.leases : bundle.otherLeases).acquire('folder', 60_000),
  );
  const got = (await Promise.all(asked)).filter((lease) => lease !== null);
  expect(got).toHaveLength(1);
});

test('control: of twenty that look first and then take, several get it', async () => {
  await using bundle = await setup();
  const asked = Array.from({ length: 20 }, async () => {
    if ((await bundle.redis.exists('folder')) === 1) return false;
    await bundle.redis.set('folder', '1');
    return true;
  });
  const got = (await Promise.all(asked)).filter(Boolean);
  expect(got.length).toBeGreaterThan(1);
});

test('a released lease is free at once, and a higher fence comes with it', async () => {
  await using bundle = await setup();
  const first = await bundle.leases.acquire('folder', 60_000);
  await first?.release();
  const second = await bundle.otherLeases.acquire('folder', 60_000);
  expect(second?.fence).toBeGreaterThan(first?.fence ?? Number.NaN);
});

test('a holder that dies loses it after its time, and can neither renew nor release the next', async () => {
  await using bundle = await setup();
  const dead = await bundle.leases.acquire('folder', 50);
  const next = await until(() => bundle.otherLeases.acquire('folder', 60_000), {
    what: 'lease expires',
  });
  expect(await dead?.renew()).toBe(false);
  await dead?.release();
  expect(await next.renew()).toBe(true);
  expect(await bundle.leases.acquire('folder', 60_000)).toBeNull();
});

test('a holder that renews keeps it beyond its first time', async () => {
  await using bundle = await setup();
  const lease = await bundle.leases.acquire('folder', 60_000);
  const key = (await bundle.redis.keys('*:lease:holder:*'))[0] ?? '';
  await bundle.redis.pexpire(key, 1_000);
  expect(await lease?.renew()).toBe(true);
  expect(await bundle.redis.pttl(key)).toBeGreaterThan(50_000);
});

test('the fence grows even when its own key was lost', async () => {
  await using bundle = await setup();
  const first = await bundle.leases.acquire('folder', 60_000);
  await bundle.redis.flushall();
  const second = await until(
    async () => {
      await bundle.redis.flushall();
      const lease = await bundle.leases.acquire('folder', 60_000);
      return lease && lease.fence !== first?.fence ? lease : null;
    },
    { what: 'the next millisecond' },
  );
  expect(second.fence).toBeGreaterThan(first?.fence ?? Number.NaN);
});

test('leases of different names do not know each other', async () => {
  await using bundle = await setup();
  expect(await bundle.leases.acquire('a', 60_000)).not.toBeNull();
  expect(await bundle.leases.acquire('b', 60_000)).not.toBeNull();
});

test('clocks that differ by five minutes take it from nobody; control: kept by the clocks of its holders, two have it', async () => {
  await using bundle = await setup();
  /** a lease as one would write it without Redis's time */
  const naive = async (redis: typeof bundle.redis): Promise<boolean> => {
    if (Date.now() < Number((await redis.get('naive')) ?? 0)) return false;
    await redis.set('naive', Date.now() + 60_000);
    return true;
  };
  expect(await bundle.leases.acquire('folder', 60_000)).not.toBeNull();
  expect(await naive(bundle.redis)).toBe(true);
  const ahead = Date.now() + 300_000;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => ahead);
  using _ = { [Symbol.dispose]: () => clock.mockRestore() };
  expect(await bundle.otherLeases.acquire('folder', 60_000)).toBeNull();
  expect(await naive(bundle.redis)).toBe(true);
});
