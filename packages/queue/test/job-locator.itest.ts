import { expect, test } from '@jest/globals';
import { jobIdOf, QUEUES } from '@ms1/contracts';
import { openRedis } from '@ms1/testkit';
import { createJobLocator, createQueue, removeStranded } from '../src/index.ts';

test('a job that no list leads to is gone, and one of its id can be added again; control: its hash says that it is on its way', async () => {
  await using opened = await openRedis();
  const { redis: connection } = opened;
  const queue = createQueue(QUEUES.inbound, { connection, prefix: '{test}' });
  const keys = Array.from({ length: 1_200 }, (_, index) => `${index}`.padStart(32, '0'));
  const [first = '', second = ''] = keys;
  const add = (key: string, delay = 0) => queue.add('x', {}, { jobId: jobIdOf(key), delay });
  const locate = createJobLocator([queue]);
  await queue.addBulk(keys.map((key) => ({ name: 'x', data: {}, opts: { jobId: jobIdOf(key) } })));
  expect((await locate(keys)).every((place) => place?.failed === false)).toBe(true);

  await connection.rpoplpush(queue.toKey('wait'), queue.toKey('active'));
  await connection.del(queue.toKey('wait'), queue.toKey('active'));
  expect((await locate(keys)).every((place) => place === null)).toBe(true);
  const hashes = keys.map((key) => queue.toKey(jobIdOf(key)));
  expect(await connection.exists(hashes)).toBe(keys.length);
  // It alone keeps a new job of the same id out.
  await add(first);
  expect(await queue.getWaitingCount()).toBe(0);
  await removeStranded([queue], [first]);
  await removeStranded([queue], [second]);
  await add(first);
  await add(second, 60_000);
  expect(await locate([first, second])).toEqual([
    { queue: 'inbound', failed: false },
    { queue: 'inbound', failed: false },
  ]);
  // What a list leads to stays.
  await removeStranded([queue], [first, second]);
  expect([await queue.getWaitingCount(), await queue.getDelayedCount()]).toEqual([1, 1]);
});
