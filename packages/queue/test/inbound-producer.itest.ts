import { expect, test } from '@jest/globals';
import { messageKey } from '@ms1/contracts';
import { aMessage, startRedis, until } from '@ms1/testkit';
import { Queue } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { EnqueueRefusedError } from '../src/enqueue-refused-error.ts';
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

test('a full Redis is one clear error, and the ledger hears of nothing', async () => {
  await using full = await startRedis({ flags: { maxmemory: '2mb' } });
  await using inbound = await inboundOn(full.url);
  const recorded: unknown[] = [];
  const ledger = {
    ...noLedger,
    record: async (changes: readonly unknown[]) => void recorded.push(...changes),
  };
  const producer = new InboundProducer({ queue: inbound.queue, ledger });
  await inbound.connection.set('ballast', 'x'.repeat(1_500_000)).catch(() => undefined);
  let error: unknown = null;
  for (let i = 0; i < 50 && error === null; i += 1) {
    recorded.length = 0;
    error = await producer
      .notice(Array.from({ length: 100 }, (_, k) => aMessage(i * 100 + k)))
      .then(
        () => null,
        (refusal: unknown) => refusal,
      );
  }
  expect(error).toBeInstanceOf(EnqueueRefusedError);
  expect(error).toMatchObject({ reason: 'out_of_memory' });
  expect(recorded).toEqual([]);
});

test('a frozen Redis is an error after commandTimeout, and noticing again adds each message once', async () => {
  await using frozen = await startRedis();
  await using inbound = await inboundOn(frozen.url, {
    commandTimeout: 300,
    maxRetriesPerRequest: 1,
  });
  const producer = new InboundProducer({ queue: inbound.queue, ledger: noLedger });
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
  await using primary = await startRedis();
  const replica = await startRedis({ flags: { replicaof: `127.0.0.1 ${primary.port}` } });
  await using inbound = await inboundOn(primary.url);
  await until(async () => (await inbound.connection.info('replication')).includes('state=online'), {
    what: 'replication',
  });
  const producer = new InboundProducer({ queue: inbound.queue, ledger: noLedger });
  await expect(producer.notice([aMessage(1)])).resolves.toMatchObject({ added: 1, known: 0 });
  replica.process.kill('SIGSTOP');
  await expect(producer.notice([aMessage(2)])).rejects.toMatchObject({ reason: 'unconfirmed' });
  replica.process.kill('SIGCONT');
  await expect(producer.notice([aMessage(2)])).resolves.toMatchObject({ added: 1, known: 0 });
  expect(await inbound.queue.getWaitingCount()).toBe(2);
  await replica.stop();
});
