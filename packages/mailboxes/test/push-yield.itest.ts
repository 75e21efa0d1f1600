import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';

import { PushYieldStore } from '../src/index.ts';

const INBOX = { mailboxId: 'AAAA', folderId: 'inbox' };
const ARCHIVE = { mailboxId: 'AAAA', folderId: 'archive' };
const MINUTE = 60_000;
const START = 1_000_000 * 5 * MINUTE;

const opened = await openRedis();
const { redis } = opened;
const clock = { at: START, now: () => clock.at };

afterAll(async () => opened[Symbol.asyncDispose]());
beforeEach(async () => {
  clock.at = START;
  await redis.flushall();
});

const arrivals = (announced: number, unannounced: number, lateMs = 0) => ({
  announced,
  unannounced,
  lateMs,
});

describe('PushYieldStore', () => {
  test('sums the last hour and the last quarter of it, and forgets what is older', async () => {
    const store = new PushYieldStore(redis, { clock });
    await store.record(INBOX, arrivals(4, 1, 8_000));
    clock.at += 30 * MINUTE;
    await store.record(INBOX, arrivals(0, 7));
    const at30 = (await store.readMany([INBOX]))[0];
    expect(at30).toEqual({
      walkedAt: clock.at,
      hour: arrivals(4, 8, 8_000),
      recent: arrivals(0, 7),
      soonerUntil: null,
      rebuildAskedAt: null,
    });
    clock.at += 45 * MINUTE;
    expect((await store.record(INBOX, arrivals(0, 0))).hour).toEqual(arrivals(0, 7));
    expect(await redis.hlen((await redis.keys('*push*'))[0] ?? '')).toBe(2);
  });

  test('does not hold against push what a folder told that was walked more often', async () => {
    const store = new PushYieldStore(redis, { clock });
    await store.record(INBOX, arrivals(0, 20));
    await store.walkSooner(INBOX, clock.at + 15 * MINUTE);
    clock.at += 10 * MINUTE;
    expect((await store.record(INBOX, arrivals(0, 50))).recent).toEqual(arrivals(0, 0));
    clock.at += 6 * MINUTE;
    expect((await store.record(INBOX, arrivals(3, 1))).recent).toEqual(arrivals(3, 1));
  });

  test('reads any number of folders in their order, null for one that was never walked, in 1 KB a folder', async () => {
    const store = new PushYieldStore(redis, { clock });
    for (let n = 0; n < 12; n += 1) {
      await store.record(INBOX, arrivals(1_000, 1_000, 60_000_000));
      clock.at += 5 * MINUTE;
    }
    clock.at -= 5 * MINUTE;
    const [archive, inbox] = await store.readMany([ARCHIVE, INBOX]);
    expect([archive, inbox?.hour.announced]).toEqual([null, 12_000]);
    const key = (await redis.keys('*push*'))[0] ?? '';
    expect(await redis.memory('USAGE', key)).toBeLessThan(1_024);
    expect(await redis.pttl(key)).toBeGreaterThan(23 * 60 * MINUTE);
  });

  test('a subscription is asked for anew until it was made', async () => {
    const store = new PushYieldStore(redis, { clock });
    await store.record(INBOX, arrivals(0, 20));
    await store.askRebuild(INBOX);
    expect(await store.rebuildsAsked([ARCHIVE, INBOX])).toEqual([INBOX]);
    await store.rebuilt(INBOX);
    expect(await store.rebuildsAsked([ARCHIVE, INBOX])).toEqual([]);
    expect((await store.readMany([INBOX]))[0]?.rebuildAskedAt).toBe(START);
  });
});
