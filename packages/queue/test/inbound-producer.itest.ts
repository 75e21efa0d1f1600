import { expect, test } from '@jest/globals';
import { jobIdOf, messageKey } from '@ms1/contracts';
import { aMessage, startRedis, until } from '@ms1/testkit';
import { Queue, Worker } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { createDurableAdd } from '../src/durable-add.ts';
import { InboundProducer } from '../src/index.ts';

const noLedger = {
  known: async (keys: readonly string[]) => keys.map(() => null),
  revive: async (keys: readonly string[]) => keys.map(() => false),
  record: async () => undefined,
};

/** `inbound` on a Redis of its own, with a producer whose ledger is `ledger`. */
async function inboundOn(url: string, options: RedisOptions = {}) {
  const connection = new Redis(url, { maxRetriesPerRequest: null, ...options });
  connection.on('error', () => undefined);
  const queue = new Queue('inbound', { connection, prefix: '{p}' });
  queue.on('error', () => undefined);
  await queue.waitUntilReady();
  return {
    connection,
    queue,
    async [Symbol.asyncDispose]() {
      await queue.close();
      connection.disconnect();
    },
  };
}

/** Fills Redis up to a share of its limit. */
async function fill(redis: Redis, share: number): Promise<string[]> {
  const ballast: string[] = [];
  for (;;) {
    const info = await redis.info('memory');
    const read = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
    if (read('used_memory') >= read('maxmemory') * share) return ballast;
    const key = `ballast:${ballast.length}`;
    await redis.set(key, Buffer.alloc(50_000, 'x'));
    ballast.push(key);
  }
}

test('a Redis that is nearly full takes no new mail, what waits is worked off, and then it takes mail again', async () => {
  await using full = await startRedis({ flags: { maxmemory: '8mb' } });
  await using inbound = await inboundOn(full.url);
  const recorded: unknown[] = [];
  const ledger = {
    ...noLedger,
    record: async (changes: readonly unknown[]) => void recorded.push(...changes),
  };
  await new InboundProducer({ queues: [inbound.queue], ledger }).notice([aMessage(1)]);
  recorded.length = 0;
  const ballast = await fill(inbound.connection, 0.9);
  const producer = new InboundProducer({ queues: [inbound.queue], ledger });
  const refusal = { code: 'enqueue_refused', reason: 'nearly_full' };
  await expect(producer.notice([aMessage(2)])).rejects.toMatchObject(refusal);
  await expect(producer.putBack([aMessage(2)])).rejects.toMatchObject(refusal);
  expect(recorded).toEqual([]);
  await workOff(inbound);
  expect(await inbound.queue.getCompletedCount()).toBe(1);
  await inbound.connection.del(...ballast);
  const isTaken = (): Promise<boolean> =>
    producer.notice([aMessage(2)]).then(
      () => true,
      () => false,
    );
  await until(isTaken, { what: 'mail is taken again' });
  expect(recorded).toHaveLength(1);
});

test('control: at the limit itself what waits is not worked off either', async () => {
  await using full = await startRedis({ flags: { maxmemory: '8mb' } });
  await using inbound = await inboundOn(full.url);
  await new InboundProducer({ queues: [inbound.queue], ledger: noLedger }).notice([aMessage(1)]);
  await inbound.connection.config('SET', 'maxmemory', '1');
  const add = createDurableAdd<object>(inbound.queue);
  await expect(add([{ name: 'x', data: {}, opts: { jobId: 'x' } }])).rejects.toMatchObject({
    reason: 'out_of_memory',
  });
  await expect(workOff(inbound)).rejects.toThrow(/OOM/);
  expect(await inbound.queue.getWaitingCount()).toBe(1);
});

/** Takes one job and completes it. */
async function workOff({ queue, connection }: Awaited<ReturnType<typeof inboundOn>>) {
  const worker = new Worker(queue.name, null, { connection, prefix: queue.opts.prefix ?? '' });
  worker.on('error', () => undefined);
  try {
    const job = await worker.getNextJob('token', { block: false });
    await job?.moveToCompleted('done', 'token', false);
  } finally {
    await worker.close();
  }
}

test('a frozen Redis is an error after commandTimeout, and noticing again adds each message once', async () => {
  await using frozen = await startRedis();
  await using inbound = await inboundOn(frozen.url, {
    commandTimeout: 300,
    maxRetriesPerRequest: 1,
  });
  const producer = new InboundProducer({ queues: [inbound.queue], ledger: noLedger });
  const messages = [aMessage(1), aMessage(2)];
  await producer.notice([aMessage(0)]);
  frozen.process.kill('SIGSTOP');
  await expect(producer.notice(messages)).rejects.toMatchObject({ reason: 'no_answer' });
  frozen.process.kill('SIGCONT');
  await producer.notice(messages);
  expect(await inbound.queue.getWaitingCount()).toBe(3);
  expect(new Set(messages.map((message) => messageKey(message))).size).toBe(2);
});

test('with a replica an add counts when the replica has it, and not when it is away', async () => {
  // Redis would wait 5 s for other replicas to come.
  await using primary = await startRedis({ flags: { 'repl-diskless-sync-delay': '0' } });
  const replica = await startRedis({ flags: { replicaof: `127.0.0.1 ${primary.port}` } });
  await using inbound = await inboundOn(primary.url);
  await until(async () => (await inbound.connection.info('replication')).includes('state=online'), {
    what: 'replication',
  });
  const producer = new InboundProducer({ queues: [inbound.queue], ledger: noLedger });
  await expect(producer.notice([aMessage(1)])).resolves.toMatchObject({ added: 1, known: 0 });
  replica.process.kill('SIGSTOP');
  await expect(producer.notice([aMessage(2)])).rejects.toMatchObject({ reason: 'unconfirmed' });
  replica.process.kill('SIGCONT');
  await expect(producer.notice([aMessage(2)])).resolves.toMatchObject({ added: 1, known: 0 });
  expect(await inbound.queue.getWaitingCount()).toBe(2);
  await replica.stop();
});

test('a mailbox goes first until it floods, not from the middle of the flood, and again when that is over', async () => {
  await using redis = await startRedis();
  await using inbound = await inboundOn(redis.url);
  const clock = { at: Date.now() };
  const producer = new InboundProducer({
    queues: [inbound.queue],
    ledger: noLedger,
    now: () => clock.at,
  });
  let sent = 0;
  const firstOf = async (count: number, mailboxId: string): Promise<boolean> => {
    const messages = Array.from({ length: count }, () => aMessage((sent += 1), { mailboxId }));
    await producer.notice(messages);
    const [one] = messages;
    const job = one && (await inbound.queue.getJob(jobIdOf(messageKey(one))));
    return job?.opts.lifo === true;
  };
  const [flood, small] = [aMessage(0).mailboxId, '00000000-0000-4000-8000-00000000000b'];
  expect([await firstOf(15, flood), await firstOf(15, flood)]).toEqual([true, false]);
  for (let seconds = 0; seconds < 30; seconds += 6) {
    clock.at += 6_000;
    expect(await firstOf(15, flood)).toBe(false);
    expect(await firstOf(5, small)).toBe(true);
  }
  clock.at += 10_001;
  expect(await firstOf(15, flood)).toBe(true);
});
