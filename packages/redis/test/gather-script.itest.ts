import { describe, expect, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';

import { gatherScript } from '../src/gather-script.ts';

const SWAP_LUA = `
local before = redis.call('GET', KEYS[1])
if ARGV[1] then redis.call('SET', KEYS[1], ARGV[1]) else redis.call('DEL', KEYS[1]) end
return before
`;

describe('gatherScript', () => {
  test('is one command for all that ask at once, in their order, and each answer its own', async () => {
    await using bundle = await openRedis();
    const { redis } = bundle;
    const swap = gatherScript(redis, 'swap', SWAP_LUA);
    // Its text goes over the wire once.
    await swap(['{ms1}:a'], ['1']);
    await redis.rpush('{ms1}:list', 'x');
    await redis.config('RESETSTAT');
    const [first, wrong, again, gone] = await Promise.allSettled([
      swap(['{ms1}:a'], ['2']),
      swap(['{ms1}:list'], ['2']),
      swap(['{ms1}:a'], []),
      swap(['{ms1}:none'], ['3']),
    ]);
    expect(first).toMatchObject({ value: '1' });
    expect(wrong).toMatchObject({ reason: { message: expect.stringContaining('WRONGTYPE') } });
    expect(again).toMatchObject({ value: '2' });
    expect(gone).toMatchObject({ value: null });
    expect(await redis.mget('{ms1}:a', '{ms1}:none')).toEqual([null, '3']);
    const stats = await redis.info('commandstats');
    expect(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1]).toBe('1');
  });

  test('asks in as many commands as keep Redis for a moment each', async () => {
    await using bundle = await openRedis();
    const swap = gatherScript(bundle.redis, 'swap', SWAP_LUA);
    const all = Array.from({ length: 120 }, (_, n) => swap([`{ms1}:${n}`], [n]));
    expect(await Promise.all(all)).toEqual(all.map(() => null));
    expect(await bundle.redis.get('{ms1}:119')).toBe('119');
  });
});
