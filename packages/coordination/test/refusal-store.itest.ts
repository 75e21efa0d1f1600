import { expect, jest, test } from '@jest/globals';
import { openRedis } from '@ms1/testkit';

import { RefusalStore } from '../src/index.ts';

const DAY_MS = 24 * 3_600_000;

test('tells how long each is refused in its way, and nothing of another', async () => {
  await using opened = await openRedis();
  const refusals = new RefusalStore(opened.redis);
  const [gone, wrong] = ['gone', 'wrong'].map((kind) => ({ key: 'a', kind }));
  if (!gone || !wrong) throw new Error('two kinds');
  await opened.redis.set('{ms1}:refused:gone:a', Date.now() - 60_000);
  const [first = 0, second] = await refusals.note([gone, wrong]);
  expect(first).toBeGreaterThanOrEqual(60_000);
  expect(second).toBe(0);
  expect(await opened.redis.pttl('{ms1}:refused:gone:a')).toBeGreaterThan(3_500_000);
});

test('a clock that leaps over midnight makes no minutes of a moment; control: by its own it is a day, and the message is given up', async () => {
  await using opened = await openRedis();
  const refusals = new RefusalStore(opened.redis);
  /** since when it is refused as a process would say by its own clock */
  const naive = async (): Promise<number> => {
    await opened.redis.set('naive', Date.now(), 'NX');
    return Date.now() - Number(await opened.redis.get('naive'));
  };
  const note = async () => (await refusals.note([{ key: 'a', kind: 'gone' }]))[0];
  await note();
  await naive();
  const leapt = Date.now() + DAY_MS;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => leapt);
  using _ = { [Symbol.dispose]: () => clock.mockRestore() };
  expect(await note()).toBeLessThan(DAY_MS / 2);
  expect(await naive()).toBeGreaterThan(DAY_MS / 2);
});
