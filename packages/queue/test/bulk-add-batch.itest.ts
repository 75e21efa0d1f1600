import { expect, test } from '@jest/globals';
import { messageKey } from '@ms1/contracts';
import { startRedis, until } from '@ms1/testkit';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';

import { addBulk, createInboundProducer, EnqueueRefusedError } from '../src/index.ts';
import { batchBundle, redisForFile } from './batch-bundle.ts';

const server = redisForFile();

const messageOf = (i: number) => ({
  v: 1 as const,
  tenantId: 't',
  mailboxId: 'm',
  messageId: `id-${i}`,
  source: 'webhook' as const,
  sessionId: null,
  noticedAt: '2026-01-01T00:00:00.000Z',
});

const noLedger = {
  known: async (keys: string[]) => keys.map(() => null),
  revive: async (keys: readonly string[]) => keys.map(() => false),
  record: async () => undefined,
};

/** Redis writes the fields of options in an order of its own. */
const parsed = ({ opts = '{}', timestamp, ...hash }: Record<string, string>): unknown => ({
  ...hash,
  timestamp: timestamp?.length,
  opts: JSON.parse(opts) as unknown,
});

test('what addBulk writes is what queue.addBulk writes, for every kind of job', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  const kinds = [
    {},
    { priority: 3 },
    { delay: 60_000 },
    { lifo: true },
    { attempts: 9, backoff: 500 },
    {
      removeOnComplete: { age: 60 },
      removeOnFail: false,
      backoff: { type: 'exponential', delay: 9 },
    },
    { keepLogs: 3 },
    { deduplication: { id: 'd' } },
  ];
  const [ours, theirs] = [bundle.otherQueue('ours'), bundle.otherQueue('theirs')];
  const ids = ['j', 'j-1', '007', 'ä', 'a"b', 'a:b:c'];
  const jobs = kinds.flatMap((options, kind) =>
    ids.map((id, i) => ({
      name: `kind-${kind}`,
      data: i === 0 ? undefined : { i, text: 'ü"' },
      opts: { ...options, jobId: `${id}${kind}` },
    })),
  );
  expect(await addBulk(ours, jobs)).toEqual(jobs.map(({ opts }) => opts.jobId));
  await theirs.addBulk(jobs);
  for (const { opts } of jobs) {
    const hash = (queue: Queue): Promise<Record<string, string>> =>
      bundle.redis.hgetall(queue.toKey(opts.jobId));
    expect(parsed(await hash(ours))).toEqual(parsed(await hash(theirs)));
  }
  for (const state of ['wait', 'prioritized', 'delayed']) {
    expect(await ours.getJobCounts(state as 'wait')).toEqual(
      await theirs.getJobCounts(state as 'wait'),
    );
  }
  expect(await bundle.redis.lrange(ours.toKey('wait'), 0, -1)).toEqual(
    await bundle.redis.lrange(theirs.toKey('wait'), 0, -1),
  );
});

test('adding the same id twice is one job', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  const out = bundle.otherQueue('out');
  const jobs = ['a', 'b', 'a'].map((jobId) => ({ name: 'x', data: 1, opts: { jobId } }));
  await addBulk(out, jobs);
  await addBulk(out, jobs);
  expect(await out.getWaitingCount()).toBe(2);
});

test('more jobs at once than a call of Lua takes values are added and completed, each once', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  const jobs = Array.from({ length: 9_000 }, (_, i) => ({
    name: 'job',
    data: { i },
    opts: { jobId: `m-${i}`, removeOnComplete: true },
  }));
  await addBulk(bundle.queue, jobs);
  const seen = new Set<number>();
  let runs = 0;
  bundle.worker(
    async ({ entries, size }) => {
      runs += size;
      for (const { data } of entries) seen.add(data.i);
    },
    { batch: { size: 1_000, concurrency: 2 } },
  );
  await until(() => runs === jobs.length, { what: 'all ran' });
  await until(async () => (await bundle.counts()).active === 0, { what: 'all are settled' });
  expect(seen.size).toBe(jobs.length);
  expect(await bundle.redis.keys(`${bundle.prefix}:jobs:m-*`)).toEqual([]);
});

test('jobs that wait for a worker wake it', async () => {
  await using bundle = await batchBundle(server.get(), 'scripts');
  let seen = 0;
  const worker = bundle.worker(async ({ size }) => void (seen += size), {
    batch: { size: 10 },
    drainDelay: 5,
  });
  await new Promise((resolve) => worker.once('drained', () => resolve(null)));
  await addBulk(bundle.queue, [{ name: 'job', data: { i: 1 }, opts: { jobId: 'a' } }]);
  await until(() => seen === 1, { what: 'it ran' });
  expect(worker.errors).toEqual([]);
});

test('a full Redis is one clear error, and the ledger hears of nothing', async () => {
  await using full = await startRedis({ flags: { maxmemory: '2mb' } });
  await using bundle = await batchBundle(full, 'scripts');
  const recorded: unknown[] = [];
  const ledger = {
    ...noLedger,
    record: async (changes: unknown[]) => void recorded.push(...changes),
  };
  const inbound = new Queue('inbound', { connection: bundle.connection, prefix: bundle.prefix });
  const producer = createInboundProducer({ queue: inbound, ledger });
  await bundle.redis.set('ballast', 'x'.repeat(1_500_000)).catch(() => undefined);
  let error: unknown = null;
  for (let i = 0; i < 50 && error === null; i += 1) {
    recorded.length = 0;
    error = await producer
      .notice(Array.from({ length: 100 }, (_, k) => messageOf(i * 100 + k)))
      .then(
        () => null,
        (refusal: unknown) => refusal,
      );
  }
  expect(error).toBeInstanceOf(EnqueueRefusedError);
  expect(error).toMatchObject({ reason: 'out_of_memory' });
  expect(recorded).toEqual([]);
  await inbound.close();
});

test('a frozen Redis is an error after commandTimeout, and noticing again adds each message once', async () => {
  await using frozen = await startRedis();
  const connection = new Redis(frozen.url, { commandTimeout: 300, maxRetriesPerRequest: 1 });
  connection.on('error', () => undefined);
  const queue = new Queue('inbound', { connection, prefix: '{f}' });
  queue.on('error', () => undefined);
  await queue.waitUntilReady();
  const producer = createInboundProducer({ queue, ledger: noLedger });
  const messages = [messageOf(1), messageOf(2)];
  await producer.notice([messageOf(0)]);
  frozen.process.kill('SIGSTOP');
  await expect(producer.notice(messages)).rejects.toMatchObject({ reason: 'no_answer' });
  frozen.process.kill('SIGCONT');
  await producer.notice(messages);
  expect(await queue.getWaitingCount()).toBe(3);
  expect(new Set(messages.map((message) => messageKey(message))).size).toBe(2);
  await queue.close();
  connection.disconnect();
});

test('with a replica an add counts when the replica has it, and not when it is away', async () => {
  await using primary = await startRedis();
  const replica = await startRedis({ flags: { replicaof: `127.0.0.1 ${primary.port}` } });
  await using bundle = await batchBundle(primary, 'scripts');
  await until(async () => (await bundle.redis.info('replication')).includes('state=online'), {
    what: 'replication',
  });
  const inbound = new Queue('inbound', { connection: bundle.connection, prefix: bundle.prefix });
  const producer = createInboundProducer({ queue: inbound, ledger: noLedger });
  await expect(producer.notice([messageOf(1)])).resolves.toEqual({ added: 1, known: 0 });
  replica.process.kill('SIGSTOP');
  await expect(producer.notice([messageOf(2)])).rejects.toMatchObject({ reason: 'unconfirmed' });
  replica.process.kill('SIGCONT');
  await expect(producer.notice([messageOf(2)])).resolves.toEqual({ added: 1, known: 0 });
  expect(await inbound.getWaitingCount()).toBe(2);
  await inbound.close();
  await replica.stop();
});
