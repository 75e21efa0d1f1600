import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';

import { KnownSenders } from '../src/index.ts';

const DAY_MS = 24 * 3_600_000;
const RETENTION_MS = 35 * DAY_MS;

async function setup() {
  const opened = await openRedis();
  const clock = { ms: Date.parse('2026-11-20T12:10:00Z'), now: () => clock.ms };
  const options = { secret: 'a secret of some length', clock, retentionMs: RETENTION_MS };
  return { ...opened, clock, senders: new KnownSenders(opened.redis, options) };
}

/** Message n of this sender. */
const mail = (n: number, address: string | null) => ({
  key: createHash('sha256').update(String(n)).digest().subarray(0, 16).toString('base64url'),
  address,
});

test('the first mail of a sender is told from all later ones, however often a job runs', async () => {
  await using bundle = await setup();
  const { senders } = bundle;
  const some = [mail(1, 'Ann@a.example'), mail(2, ' ann@A.example '), mail(3, 'bob@a.example')];
  expect(await senders.areFirst(some)).toEqual([true, false, true]);
  expect(await senders.areFirst(some)).toEqual([true, false, true]);
  expect(await senders.areFirst([mail(4, 'ann@a.example'), mail(5, null), mail(6, ' ')])).toEqual([
    false,
    false,
    false,
  ]);
});

test('who goes on writing is known for good, and who has not for 35 days is not', async () => {
  await using bundle = await setup();
  const { senders, clock } = bundle;
  await senders.areFirst([mail(1, 'ann@a.example'), mail(2, 'bob@a.example')]);
  for (let week = 1; week <= 6; week += 1) {
    clock.ms += 7 * DAY_MS;
    expect(await senders.areFirst([mail(10 + week, 'ann@a.example')])).toEqual([false]);
  }
  expect(await senders.areFirst([mail(3, 'bob@a.example')])).toEqual([true]);
});

test('nobody can tell from Redis who has written, and whoever is forgotten writes for the first time', async () => {
  await using bundle = await setup();
  const { senders, redis } = bundle;
  await senders.areFirst([mail(1, 'ann@a.example'), mail(2, 'bob@a.example')]);
  const keys = await redis.keys('{ms1}:senders:*');
  expect(keys).toHaveLength(2);
  const values = await Promise.all(keys.map((key) => redis.hgetallBuffer(key)));
  expect(JSON.stringify(values)).not.toContain('example');
  for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(RETENTION_MS);
  expect(await senders.forget('ANN@a.example', { dryRun: true })).toBe(1);
  expect(await senders.forget('ANN@a.example')).toBe(1);
  expect(await senders.forget('ann@a.example')).toBe(0);
  expect(await senders.areFirst([mail(3, 'ann@a.example'), mail(4, 'bob@a.example')])).toEqual([
    true,
    false,
  ]);
});
