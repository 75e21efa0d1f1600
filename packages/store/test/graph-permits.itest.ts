import { describe, expect, test } from '@jest/globals';
import { startRedis, until } from '@ms1/testkit';
import * as fc from 'fast-check';
import { Redis } from 'ioredis';

import { type GraphPermit, GraphPermits } from '../src/index.ts';

async function setup(options: { leaseMs?: number } = {}) {
  const server = await startRedis();
  const [redis, other] = [new Redis(server.url), new Redis(server.url)];
  return {
    redis,
    permits: new GraphPermits(redis, options),
    /** another process */
    otherPermits: new GraphPermits(other, options),
    async [Symbol.asyncDispose]() {
      redis.disconnect();
      other.disconnect();
      await server.stop();
    },
  };
}

const weights = (...pairs: [string, number][]) => new Map(pairs);
const release = async (permit: GraphPermit): Promise<void> => {
  if (permit.granted) await permit.release();
};

describe('GraphPermits', () => {
  test('grants four at once per mailbox over all processes, and the fifth after a release', async () => {
    await using bundle = await setup();
    const asked = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        (i % 2 ? bundle.permits : bundle.otherPermits).acquire(weights(['m1', 1])),
      ),
    );
    expect(asked.filter(({ granted }) => granted)).toHaveLength(4);
    expect(asked.find(({ granted }) => !granted)).toEqual({ granted: false, retryInMs: 25 });
    expect(await bundle.permits.acquire(weights(['m2', 4]))).toMatchObject({ granted: true });
    for (const permit of asked.slice(0, 2)) await release(permit);
    expect(await bundle.permits.acquire(weights(['M1', 1]))).toMatchObject({ granted: true });
  });

  test('takes all mailboxes or none', async () => {
    await using bundle = await setup();
    const first = await bundle.permits.acquire(weights(['m1', 3]));
    expect(await bundle.permits.acquire(weights(['m2', 4], ['m1', 2]))).toMatchObject({
      granted: false,
    });
    // Nothing of m2 was taken on the way.
    expect(await bundle.permits.acquire(weights(['m2', 4]))).toMatchObject({ granted: true });
    await release(first);
    expect(await bundle.permits.acquire(weights(['m1', 4]))).toMatchObject({ granted: true });
  });

  test('a holder that was killed gives its slots back when its lease ends, and not before', async () => {
    await using bundle = await setup({ leaseMs: 100 });
    await bundle.permits.acquire(weights(['m1', 4]));
    expect(await bundle.otherPermits.acquire(weights(['m1', 1]))).toMatchObject({ granted: false });
    const next = await until(
      async () => {
        const permit = await bundle.otherPermits.acquire(weights(['m1', 4]));
        return permit.granted ? permit : null;
      },
      { what: 'the lease ends' },
    );
    expect(next.granted).toBe(true);
  });

  test('a release that comes late takes nothing from the next holder', async () => {
    await using bundle = await setup({ leaseMs: 50 });
    const late = await bundle.permits.acquire(weights(['m1', 4]));
    const next = new GraphPermits(bundle.redis);
    await until(async () => (await next.acquire(weights(['m1', 4]))).granted, {
      what: 'the lease ends',
    });
    await release(late);
    expect(await next.acquire(weights(['m1', 1]))).toMatchObject({ granted: false });
  });

  test('a hold stops every process for that mailbox, tells how long, and a shorter one does not cut it', async () => {
    await using bundle = await setup();
    await bundle.permits.hold('m1', 60_000);
    await bundle.otherPermits.hold('m1', 1_000);
    const refused = await bundle.otherPermits.acquire(weights(['m2', 1], ['m1', 1]));
    const waitMs = refused.granted ? 0 : refused.retryInMs;
    expect(waitMs).toBeGreaterThan(50_000);
    expect(waitMs).toBeLessThanOrEqual(60_000);
    expect(await bundle.permits.acquire(weights(['m2', 1]))).toMatchObject({ granted: true });
  });

  test('a hold ends by itself', async () => {
    await using bundle = await setup();
    await bundle.permits.hold('m1', 30);
    await until(async () => (await bundle.permits.acquire(weights(['m1', 1]))).granted, {
      what: 'the hold ends',
    });
    expect(await bundle.redis.keys('*:graph:hold:*')).toEqual([]);
  });

  test('refuses a weight that could never be granted', async () => {
    await using bundle = await setup();
    for (const weight of [0, 5, 1.5]) {
      await expect(bundle.permits.acquire(weights(['m1', weight]))).rejects.toBeInstanceOf(
        RangeError,
      );
    }
    const twice = bundle.permits.acquire(weights(['m1', 3], ['M1', 3]));
    await expect(twice).rejects.toBeInstanceOf(RangeError);
  });

  test('no order of requests and releases ever has more than four in flight, nor leaves a slot behind', async () => {
    await using bundle = await setup();
    const request = fc.dictionary(
      fc.constantFrom('m1', 'm2', 'm3'),
      fc.integer({ min: 1, max: 4 }),
      { minKeys: 1 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(request, fc.boolean()), { maxLength: 30 }),
        async (steps) => {
          const held: { wanted: Record<string, number>; permit: GraphPermit }[] = [];
          const inFlight = (mailbox: string): number =>
            held.reduce((sum, { wanted }) => sum + (wanted[mailbox] ?? 0), 0);
          for (const [wanted, releaseFirst] of steps) {
            const first = releaseFirst ? held.shift() : undefined;
            if (first) await release(first.permit);
            const fits = Object.entries(wanted).every(
              ([mailbox, weight]) => inFlight(mailbox) + weight <= 4,
            );
            const permit = await bundle.permits.acquire(new Map(Object.entries(wanted)));
            expect(permit.granted).toBe(fits);
            if (permit.granted) held.push({ wanted, permit });
          }
          for (const { permit } of held) await release(permit);
          expect(await bundle.redis.keys('*:graph:slots:*')).toEqual([]);
        },
      ),
      { numRuns: 50 },
    );
  });
});
