import { expect, test } from '@jest/globals';
import { QUEUES } from '@ms1/contracts';
import { Ledger } from '@ms1/ledger';
import { createQueue } from '@ms1/queue';
import { openRedis } from '@ms1/testkit';

import { RedisWatch } from '../watch/redis-watch.ts';
import { fatesOf, lettersOf, placesOf, totalsOf } from './raw-redis.ts';

const prefix = '{ms1}';
const key = (letter: string): string => letter.repeat(22);

test('reads what the fleet writes, though it shares no code with it', async () => {
  await using opened = await openRedis();
  const { redis, server } = opened;
  const ledger = new Ledger(redis, { prefix });
  const inbound = createQueue(QUEUES.inbound, { connection: redis, prefix });
  await ledger.record([
    { key: key('a'), state: 'delivered', at: 1_000, sessionId: null },
    { key: key('b'), state: 'skipped', at: 2_000, sessionId: 's', reason: 'source_deleted' },
    { key: key('c'), state: 'queued', at: 3_000, sessionId: null, source: 'webhook' },
  ]);
  expect(await fatesOf(redis, ['a', 'b', 'c', 'd'].map(key))).toEqual(
    new Map([
      [key('a'), { state: 'delivered', reason: '' }],
      [key('b'), { state: 'skipped', reason: 'source_deleted' }],
      [key('c'), { state: 'queued', reason: '' }],
    ]),
  );
  expect(await totalsOf(redis)).toMatchObject({ delivered: 1, skipped: 1, queued: 1, dead: 0 });

  await inbound.add('prepare', {}, { jobId: `m-${key('c')}` });
  const late = await inbound.add('prepare', {}, { jobId: `m-${key('d')}`, delay: 60_000 });
  await redis.hset(inbound.toKey(`m-${key('d')}`), 'atm', 3, 'ats', 5);
  await redis
    .multi()
    .hset(
      inbound.toKey(`m-${key('e')}`),
      'failedReason',
      'by hand',
      'timestamp',
      1,
      'finishedOn',
      2,
    )
    .zadd(inbound.toKey('failed'), 2, `m-${key('e')}`)
    .exec();
  expect(await placesOf(redis)).toEqual(
    new Map([
      [key('c'), { queue: 'inbound', list: 'wait' }],
      [key('d'), { queue: 'inbound', list: 'delayed' }],
      [key('e'), { queue: 'inbound', list: 'failed' }],
    ]),
  );
  expect(await lettersOf(redis)).toEqual([
    { key: key('e'), queue: 'inbound', reason: 'by hand', createdAt: 1, failedAt: 2 },
  ]);

  using watch = new RedisWatch(server.url);
  expect(await watch.sample()).toMatchObject({ waiting: 1, held: 2, openUntil: 0, cursors: [] });
  expect(await watch.attempts()).toContainEqual({
    key: `${key('d')} on inbound`,
    made: 3,
    started: 5,
    stalled: 0,
    max: late.opts.attempts,
  });
  await server.kill();
  expect(await watch.sample()).toBeUndefined();
  await inbound.close();
});
