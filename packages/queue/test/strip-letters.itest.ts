import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { JOBS, jobIdOf, messageKey, QUEUES } from '@ms1/contracts';
import { aDelivery, aMessage, aMetadata, openRedis, until, wholeRedis } from '@ms1/testkit';
import { type Queue, UnrecoverableError, Worker } from 'bullmq';
import {
  createQueue,
  DeadLetters,
  JobStripper,
  type PayloadSealer,
  stripLetters,
} from '../src/index.ts';

type Payloads = Pick<PayloadSealer, 'open' | 'seal'>;

const prefix = '{test}';
const CANARY = 'ana.canary@contoso.example';
const DAY_MS = 24 * 3_600_000;
const IDS = {
  tenantId: '22222222-2222-4222-8222-222222222222',
  mailboxId: '11111111-1111-4111-8111-111111111111',
};
const NOTICED = { source: 'poll' as const, sessionId: 's', noticedAt: '2026-03-01T10:00:05.000Z' };
const personal = {
  subject: `Invoice of ${CANARY}`,
  from: { address: CANARY, name: 'Ana' },
};
const notice = (messageId: string) =>
  aMessage(1, { ...IDS, messageId, ...NOTICED, metadata: aMetadata(personal) });
const delivery = (messageId: string) =>
  aDelivery(1, {
    ...personal,
    id: messageKey({ ...IDS, messageId }),
    sessionId: NOTICED.sessionId,
    mailbox: IDS.mailboxId,
    messageId,
  });
const idOf = (messageId: string): string => jobIdOf(messageKey({ ...IDS, messageId }));

async function setup() {
  await using stack = new AsyncDisposableStack();
  const { redis } = stack.use(await openRedis());
  const connection = redis;
  const inbound = createQueue(QUEUES.inbound, { connection, prefix });
  const outbound = createQueue(QUEUES.outbound, { connection, prefix });
  const places = new Map<string, { failedAt: number; id: string }>();
  const progress = {
    reads: 0,
    read: async (queue: string) => places.get(queue) ?? null,
    write: async (queue: string, place: { failedAt: number; id: string }) =>
      void places.set(queue, place),
  };
  const kept = stack.move();
  return {
    redis,
    inbound,
    outbound,
    places,
    letters: new DeadLetters([inbound, outbound]),
    strip: (before: number, payloads?: Payloads) =>
      stripLetters(
        { queues: [inbound, outbound], progress, ...(payloads && { payloads }) },
        before,
      ),
    /** makes a dead letter that died so many days ago */
    die: async (queue: Queue, messageId: string, daysAgo: number, reason: string) => {
      const id = idOf(messageId);
      const data = queue === inbound ? notice(messageId) : delivery(messageId);
      await queue.add(JOBS.ingestMessage, data, { jobId: id });
      await using open = new AsyncDisposableStack();
      const worker = new Worker(
        queue.name,
        async () => {
          throw new UnrecoverableError(reason);
        },
        { connection, prefix, autorun: false },
      );
      open.defer(() => worker.close());
      const failed = once(worker, 'failed');
      void worker.run();
      await failed;
      await until(async () => (await queue.getJobState(id)) === 'failed', { what: 'it is dead' });
      await redis.zadd(queue.toKey('failed'), 'XX', NOW - daysAgo * DAY_MS, id);
      return id;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const NOW = Date.now();
const MONTH_AGO = NOW - 30 * DAY_MS;

test('what is older than it may be loses what is personal and keeps its account; what is younger is whole', async () => {
  await using bundle = await setup();
  const { inbound, outbound, letters, redis, die, strip } = bundle;
  const reason = `MS4 does not like ${CANARY}`;
  await die(inbound, 'old', 31, 'ms4_500');
  await die(outbound, 'old-too', 45, reason);
  const young = await die(outbound, 'young', 29, reason);
  const whole = await redis.hgetall(outbound.toKey(young));
  const told = async () => {
    const all: unknown[] = [];
    for await (const letter of letters.scan()) all.push(letter);
    return all;
  };
  const before = await told();
  expect((await wholeRedis(redis)).match(new RegExp(CANARY, 'g'))?.length).toBeGreaterThan(8);

  expect(await strip(MONTH_AGO)).toEqual({ stripped: 2, unreadable: 0, after: null });
  expect(await told()).toEqual(before);
  expect(await redis.hgetall(outbound.toKey(young))).toEqual(whole);
  await letters.remove({ key: messageKey({ ...IDS, messageId: 'young' }), stage: 'outbound' });
  await redis.xtrim(outbound.toKey('events'), 'MAXLEN', 0);
  expect(await wholeRedis(redis)).not.toContain(CANARY);

  const old = { key: messageKey({ ...IDS, messageId: 'old' }), stage: 'inbound' as const };
  expect(await letters.retry(old)).toBe('retried');
  const { metadata: _, ...ids } = notice('old');
  expect((await inbound.getJob(idOf('old')))?.data).toEqual(ids);
  expect(
    await letters.retry({ key: messageKey({ ...IDS, messageId: 'old-too' }), stage: 'outbound' }),
  ).toBe('retried');
});

test('what was stripped is not read again, and what could not be read is', async () => {
  await using bundle = await setup();
  const { inbound, outbound, redis, places, die, strip } = bundle;
  await die(outbound, 'first', 60, 'ms4_500');
  await die(outbound, 'sealed', 50, 'ms4_500');
  const broken = await die(inbound, 'broken', 50, 'ms4_500');
  await redis.del(inbound.toKey(broken));
  await redis.set(inbound.toKey(broken), 'no hash');
  await die(inbound, 'after', 40, 'ms4_500');
  await die(outbound, 'last', 40, 'ms4_500');
  const opened: string[] = [];
  let hasKey = false;
  const payloads: Payloads = {
    open(id, data) {
      opened.push(id);
      if (id === idOf('sealed') && !hasKey) throw new Error('no key');
      return data;
    },
    seal: (_, payload) => payload,
  };
  expect(await strip(MONTH_AGO, payloads)).toEqual({ stripped: 3, unreadable: 2, after: null });
  expect(places.get('outbound')?.id).toBe(idOf('first'));
  // Its key is there now: only it and what follows is looked at.
  hasKey = true;
  opened.length = 0;
  expect(await strip(MONTH_AGO, payloads)).toEqual({ stripped: 1, unreadable: 1, after: null });
  expect(opened).not.toContain(idOf('first'));
  opened.length = 0;
  await redis.del(inbound.toKey(broken));
  expect(await strip(MONTH_AGO, payloads)).toEqual({ stripped: 0, unreadable: 0, after: null });
  expect(await strip(MONTH_AGO, payloads)).toEqual({ stripped: 0, unreadable: 0, after: null });
  expect(new Set(opened)).toEqual(new Set([idOf('after')]));
  expect(await wholeRedis(redis)).not.toContain(CANARY);
});

test('a letter that is replayed, or taken, between the look and the step is left whole', async () => {
  await using bundle = await setup();
  const { outbound, redis, letters, die } = bundle;
  const id = await die(outbound, 'raced', 31, 'ms4_500');
  const stripper = new JobStripper(outbound);
  const [job] = await stripper.read([id]);
  if (!job || job === 'unreadable') throw new Error('no job');
  const failedAt = Number(await redis.zscore(outbound.toKey('failed'), id));
  await letters.retry({ key: messageKey({ ...IDS, messageId: 'raced' }), stage: 'outbound' });
  expect(await stripper.strip(job, failedAt)).toBe('busy');
  // Also where it may wait: not while somebody has it in hand.
  await redis.lmove(outbound.toKey('wait'), outbound.toKey('active'), 'LEFT', 'RIGHT');
  expect(await stripper.strip(job)).toBe('busy');
  expect((await outbound.getJob(id))?.data).toEqual(delivery('raced'));
  await redis.lmove(outbound.toKey('active'), outbound.toKey('wait'), 'LEFT', 'RIGHT');
  expect(await stripper.strip(job)).toBe('stripped');
  // Read before, and changed since.
  expect(await stripper.strip(job)).toBe('busy');
  const [again] = await stripper.read([id]);
  expect(again && again !== 'unreadable' && (await stripper.strip(again))).toBe('bare');
});
