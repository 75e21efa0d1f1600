import { expect, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';

import { DAY_MS, dayOf, TallyStore } from '../src/tally-store.ts';
import { TallyWriter } from '../src/tally-writer.ts';

const [ONE, TWO] = ['11111111-1111-4111-8111-111111111111', 'AAAAAAAA-1111-4111-8111-111111111111'];
const NOON = Date.parse('2026-11-30T12:00:00Z');

async function setup() {
  const { redis, ...opened } = await openRedis();
  const clock = { at: NOON, now: () => clock.at };
  const store = new TallyStore(redis, { prefix: '{ms1}', clock });
  const failures: unknown[] = [];
  const writer = new TallyWriter(store, (error) => failures.push(error));
  return {
    redis,
    clock,
    store,
    writer,
    failures,
    [Symbol.asyncDispose]: opened[Symbol.asyncDispose],
  };
}

/** s before noon */
const received = (seconds: number): number => NOON - seconds * 1_000;

test('counts what became of the mail of each mailbox and of all, by day; a past that is brought in is never late', async () => {
  await using bundle = await setup();
  const { writer, store, clock, redis, failures } = bundle;
  const delivered = (mailboxId: string, seconds: number, source = 'poll'): void =>
    writer.delivered({ mailboxId, source, receivedAt: received(seconds), deliveredAt: NOON });
  for (const seconds of [1, 60, 61]) delivered(ONE, seconds);
  delivered(TWO, 86_400, 'backfill');
  writer.count(ONE, 'read', 'skipped');
  await writer.flush();
  clock.at += DAY_MS;
  writer.count(TWO, 'read', 'dead');
  await writer.flush();

  const today = dayOf(NOON);
  const none = { read: 0, skipped: 0, dead: 0, delivered: 0, timed: 0, late: 0, unexplained: 0 };
  expect(await store.read([TWO.toLowerCase(), ONE], { first: today, last: today })).toEqual([
    { ...none, delivered: 1 },
    { ...none, read: 1, skipped: 1, delivered: 3, timed: 3, late: 1 },
  ]);
  expect(await store.readAll({ first: today, last: today + 1 })).toEqual({
    read: 2,
    skipped: 1,
    dead: 1,
    delivered: 4,
    timed: 3,
    late: 1,
    unexplained: 0,
  });
  for (const key of await redis.keys('{ms1}:tally:*')) {
    expect(await redis.pttl(key)).toBeGreaterThan(31 * DAY_MS);
  }
  expect(failures).toEqual([]);
});

test('a day of 500 mailboxes takes less than 300 KB, however much mail they have', async () => {
  await using bundle = await setup();
  const { store, redis } = bundle;
  const counts = Array.from({ length: 500 }, (_, nth) => {
    const mailboxId = `${String(nth).padStart(8, '0')}-1111-4111-8111-111111111111`;
    return (['read', 'skipped', 'dead', 'delivered', 'timed', 'late'] as const).map((counted) => ({
      mailboxId,
      counted,
      by: 12_345,
    }));
  }).flat();
  await store.add(counts);
  const [key = ''] = await redis.keys('{ms1}:tally:*');
  expect(await redis.hlen(key)).toBe(501 * 6);
  expect(await redis.memory('USAGE', key, 'SAMPLES', 0)).toBeLessThan(300_000);
});

test('mail does not wait for what cannot be counted', async () => {
  const failures: unknown[] = [];
  const writer = new TallyWriter({ add: () => Promise.reject(new Error('no Redis')) }, (error) =>
    failures.push(error),
  );
  writer.count(ONE, 'read');
  await writer.flush();
  expect(failures).toHaveLength(1);
});
