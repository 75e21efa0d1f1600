import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';

import { MessageLinks } from '../src/index.ts';

const RETENTION_MS = 35 * 24 * 3_600_000;

const mail = (n: number) => ({
  key: createHash('sha256').update(String(n)).digest().subarray(0, 16).toString('base64url'),
  mailboxId: '11111111-1111-4111-8111-111111111111',
  internetMessageId: `<${n}@mail.example>`,
});

test('a link costs a command for 500 messages and less than 80 bytes for each, and no more is kept than is remembered', async () => {
  await using opened = await openRedis();
  const { redis } = opened;
  const clock = { ms: Date.parse('2026-11-20T12:10:00Z'), now: () => clock.ms };
  const links = new MessageLinks(redis, {
    secret: 'a secret of some length',
    clock,
    retentionMs: RETENTION_MS,
  });
  const usedBytes = async () =>
    Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1] ?? 0);
  const fields = async () => {
    const buckets = await redis.keys('*:links:*');
    const lengths = await Promise.all(buckets.map((bucket) => redis.hlen(bucket)));
    // Each has one field of its own.
    return lengths.reduce((sum, length) => sum + length - 1, 0);
  };
  const month = async (from: number) => {
    for (let start = from; start < from + 40_000; start += 500) {
      await links.firstOf(Array.from({ length: 500 }, (_, n) => mail(start + n)));
    }
  };
  const empty = await usedBytes();
  await month(0);
  const commands = /cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1];
  // The first is sent as text.
  expect(Number(commands)).toBeLessThanOrEqual(80);
  expect(((await usedBytes()) - empty) / 40_000).toBeLessThan(80);
  clock.ms += RETENTION_MS;
  await month(40_000);
  // Nearly every bucket was used since: what is older is gone.
  expect(await fields()).toBeLessThan(42_000);
});
