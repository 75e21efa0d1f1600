import { expect, test } from '@jest/globals';
import { openRedis, startRedis, until } from '@ms1/testkit';
import { Redis } from 'ioredis';

import { DURABLE } from '../fleet/durable-redis.ts';
import { truncateTo } from './append-only-file.ts';

/** A write waits while a sync is under way: without one, what is acknowledged is in the file. */
const flags = { ...DURABLE, appendfsync: 'no' };

/** What is left when a server dies between two writes a second apart, and comes back. */
async function keysAfter(harm: (dir: string, second: number) => Promise<void>): Promise<string[]> {
  await using opened = await openRedis({ flags });
  const { redis, server } = opened;
  const clock = async (): Promise<number> => Number((await redis.time())[0]);
  await redis.set('before', '1');
  const second = await clock();
  await until(async () => (await clock()) > second, { what: 'the next second' });
  await redis.set('after', '1');
  await server.kill();
  await harm(server.dir, second);
  await using back = await startRedis({ dir: server.dir, flags });
  const admin = new Redis(back.url);
  const keys = await admin.keys('*');
  admin.disconnect();
  return keys.toSorted();
}

test('a power loss takes what came last; control: the death of a process takes nothing', async () => {
  expect(await keysAfter((dir, second) => truncateTo({ dir }, second))).toEqual(['before']);
  expect(await keysAfter(async () => undefined)).toEqual(['after', 'before']);
});
