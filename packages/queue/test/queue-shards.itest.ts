import { describe, expect, test } from '@jest/globals';
import {
  type IngestMessage,
  jobIdOf,
  mailboxPrefix,
  messageKey,
  QUEUES,
  shardPrefixes,
} from '@ms1/contracts';
import { aMessage, openRedis } from '@ms1/testkit';
import type { Queue } from 'bullmq';

import {
  createJobLocator,
  createQueue,
  DeadLetters,
  InboundProducer,
  moveJobs,
  PayloadSealer,
  payloadKey,
  readQueueDepths,
  shardQueues,
} from '../src/index.ts';

const MESSAGES: IngestMessage[] = Array.from({ length: 240 }, (_, n) =>
  aMessage(n, { mailboxId: `Mailbox-${n % 12}`, source: 'backfill' }),
);
const KEYS = MESSAGES.map(messageKey);
const payloads = new PayloadSealer({ keys: [payloadKey('k1', Buffer.alloc(32, 7))] });
const ledger = {
  known: async (keys: readonly string[]) => keys.map(() => null),
  record: async () => undefined,
  revive: async (keys: readonly string[]) => keys.map(() => true),
};

async function setup(shards: number) {
  const opened = await openRedis();
  const { redis: connection } = opened;
  const inOf = (count: number): Queue[] =>
    shardQueues(
      (name, shard = 0) =>
        createQueue(name, { connection, prefix: shardPrefixes('{ms1}', count)[shard] ?? '' }),
      QUEUES.inbound,
      count,
    );
  const queues = inOf(shards);
  await new InboundProducer({ queues, ledger, payloads }).notice(MESSAGES);
  return {
    ...opened,
    queues,
    inOf,
    letters: new DeadLetters(queues),
    locate: createJobLocator(queues),
    jobKeys: async () => (await connection.keys('*:inbound:m-*')).toSorted(),
    /** the jobs that wait, next to be taken first */
    waiting: async (some: readonly Queue[]) =>
      Promise.all(
        some.map(async (queue) =>
          (await connection.lrange(queue.toKey('wait'), 0, -1)).toReversed(),
        ),
      ),
    async take(from: string, key: string, to: (queue: Queue, id: string) => Promise<unknown>) {
      for (const queue of queues) {
        const id = jobIdOf(key);
        if ((await connection.lrem(queue.toKey(from), 1, id)) === 1) await to(queue, id);
      }
    },
    die: (queue: Queue, id: string, at: number) => connection.zadd(queue.toKey('failed'), at, id),
  };
}

async function allOf<T>(found: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of found) all.push(one);
  return all;
}

/** Where the jobs are to be: today's names where there is one shard. */
const namesOf = (shards: number): string[] =>
  MESSAGES.map((message) => {
    const own = shards === 1 ? '{ms1}' : mailboxPrefix('{ms1}', message.mailboxId, shards);
    return `${own}:inbound:${jobIdOf(messageKey(message))}`;
  }).toSorted();

describe.each([1, 3, 6])('with %i shards', (shards) => {
  test('a job is in the slot of its mailbox, is found by its key, and counts with all others', async () => {
    await using bundle = await setup(shards);
    expect(await bundle.jobKeys()).toEqual(namesOf(shards));
    expect(await bundle.locate(KEYS)).toEqual(
      KEYS.map(() => ({ queue: 'inbound', failed: false })),
    );
    const [depth, ...others] = await readQueueDepths(bundle.queues);
    expect(others).toEqual([]);
    expect(depth).toMatchObject({ name: 'inbound', waiting: 240, paused: false, gatedForMs: 0 });
  });

  test('dead letters of all shards come in the order in which they died, from any of them on', async () => {
    await using bundle = await setup(shards);
    const { letters } = bundle;
    for (const [at, key] of KEYS.entries()) {
      await bundle.take('wait', key, (queue, id) => bundle.die(queue, id, 1_000 + (at >> 1)));
    }
    const found = await allOf(letters.scan());
    expect(found.map(({ failedAt }) => failedAt)).toEqual(KEYS.map((_, at) => 1_000 + (at >> 1)));
    const after = found[99];
    expect(await allOf(letters.scan({}, after))).toEqual(found.slice(100));
    const [one, other] = found as [(typeof found)[0], (typeof found)[0]];
    expect(await letters.remove(one)).toBe(true);
    expect(await letters.retry(one)).toBe('gone');
    expect(await letters.remove(other)).toBe(true);
    expect((await readQueueDepths(bundle.queues))[0]?.failed).toBe(238);
  });
});

test('a queue whose shards do not all rest may be taken from, and one that is paused in any is paused', async () => {
  await using bundle = await setup(3);
  const [first, ...others] = bundle.queues;
  await first?.rateLimit(60_000);
  expect((await readQueueDepths(bundle.queues))[0]?.gatedForMs).toBe(0);
  for (const queue of others) await queue.rateLimit(60_000);
  expect((await readQueueDepths(bundle.queues))[0]?.gatedForMs).toBeGreaterThan(0);
  await first?.pause();
  expect((await readQueueDepths(bundle.queues))[0]?.paused).toBe(true);
});

test('jobs move from one shard to three and to two, each as it was, however often that is interrupted', async () => {
  await using bundle = await setup(1);
  const { redis } = bundle;
  const at = (queue: Queue, name: string) => queue.toKey(name);
  const [dead = '', later = '', held = '', ...rest] = KEYS;
  await bundle.take('wait', dead, (queue, id) => bundle.die(queue, id, 5));
  await bundle.take('wait', later, (queue, id) => redis.zadd(at(queue, 'delayed'), 7, id));
  await bundle.take('wait', held, (queue, id) => redis.lpush(at(queue, 'active'), id));
  await bundle.queues[0]?.pause();
  const before = await redis.hgetall(`{ms1}:inbound:${jobIdOf(later)}`);

  const move = async (from: number, to: number): Promise<void> => {
    const way = { from: shardPrefixes('{ms1}', from), to: shardPrefixes('{ms1}', to), payloads };
    let moved = 0;
    const interrupt = (): void => {
      moved += 1;
      if (moved % 2 === 1) throw new Error('killed');
    };
    // After each page that has arrived, and has not left.
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(moveJobs(redis, { ...way, onMoved: interrupt })).rejects.toThrow('killed');
      moved = tries;
    }
    await moveJobs(redis, way);
    expect(await moveJobs(redis, way)).toBe(0);
  };
  for (const [from, to] of [
    [1, 3],
    [3, 2],
    [2, 1],
  ] as const) {
    await move(from, to);
    const queues = bundle.inOf(to);
    expect(await bundle.jobKeys()).toEqual(namesOf(to));
    const [depth] = await readQueueDepths(queues);
    expect(depth).toMatchObject({ waiting: 237, active: 1, delayed: 1, failed: 1, paused: true });
    const waiting = await bundle.waiting(queues);
    expect(waiting.flat().toSorted()).toEqual(rest.map((key) => jobIdOf(key)).toSorted());
    const [letter] = await allOf(new DeadLetters(queues).scan());
    expect(letter).toMatchObject({ key: dead, failedAt: 5 });
    const own = mailboxPrefix('{ms1}', MESSAGES[1]?.mailboxId ?? '', to);
    expect(await redis.hgetall(`${own}:inbound:${jobIdOf(later)}`)).toEqual(before);
    expect(await redis.zscore(`${own}:inbound:delayed`, jobIdOf(later))).toBe('7');
  }
  // Nothing is left where they were.
  expect(await redis.keys('{ms1:*')).toEqual([]);
});

test('jobs that wait keep their order, and those that cannot be opened here go along', async () => {
  await using bundle = await setup(1);
  const order = (await bundle.waiting(bundle.queues)).flat();
  const way = { from: ['{ms1}'], to: shardPrefixes('{ms1}', 3), payloads: new PayloadSealer() };
  expect(await moveJobs(bundle.redis, way)).toBe(240);
  const queues = bundle.inOf(3);
  for (const part of await bundle.waiting(queues)) {
    expect(part).toEqual(order.filter((id) => part.includes(id)));
  }
  expect(await createJobLocator(queues)(KEYS)).not.toContain(null);
});
