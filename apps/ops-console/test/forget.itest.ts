import { describe, expect, test } from '@jest/globals';
import type { ForgetAccount } from '@ms1/console-api';
import { type DeliverRecord, type IngestMessage, JOBS, jobIdOf, messageKey } from '@ms1/contracts';
import type { DeadLetter, DeadLetters } from '@ms1/queue';
import { aDelivery, aMailbox, aMessage, aMetadata, until, wholeRedis } from '@ms1/testkit';

import { type ConsoleBundleOptions, consoleBundle, MAILBOXES, TENANT } from './console-bundle.ts';

const ANA = 'ana.canary@contoso.example';
const OTHER = 'mariana.canary@contoso.example';
const [MAILBOX = '', ELSEWHERE = ''] = MAILBOXES;
const NOTHING = { inbound: 0, outbound: 0, deadLetters: 0, events: 0, index: 0 };

const refOf = (messageId: string, mailboxId = MAILBOX) => ({
  tenantId: TENANT,
  mailboxId,
  messageId,
});
const keyOf = (messageId: string, mailboxId?: string) => messageKey(refOf(messageId, mailboxId));

const NOW = new Date().toISOString();
const metadata = (from: string, more: object = {}) => ({
  from: { address: from, name: 'A person' },
  to: [],
  receivedAt: NOW,
  ...more,
});
const notice = (messageId: string, from: string, more: object = {}): IngestMessage =>
  aMessage(1, {
    ...refOf(messageId),
    source: 'poll',
    noticedAt: NOW,
    metadata: aMetadata(metadata(from, more)),
  });
const delivery = (messageId: string, from: string, more: object = {}): DeliverRecord =>
  aDelivery(1, {
    ...metadata(from, more),
    id: keyOf(messageId),
    mailbox: MAILBOX,
    messageId,
    ingestedAt: NOW,
  });

/** Ana's messages: one in each state that a job may be in, and one that was delivered; and those of others. */
async function setup(options: ConsoleBundleOptions = {}) {
  const bundle = await consoleBundle(options);
  const { inbound, outbound, redis, lookup } = bundle;
  const add = (queue: typeof inbound, data: object, messageId: string, opts: object = {}) =>
    queue.add(JOBS.ingestMessage, data, { jobId: jobIdOf(keyOf(messageId)), ...opts });
  await add(inbound, notice('waits', ANA.toUpperCase()), 'waits');
  await add(inbound, notice('delayed', OTHER, { cc: [{ address: ANA }] }), 'delayed', {
    delay: 9e6,
  });
  await add(inbound, notice('previewed', OTHER, { bodyPreview: `>> ${ANA}: yes.` }), 'previewed', {
    priority: 3,
  });
  await add(inbound, notice('of another', OTHER), 'of another');
  await add(outbound, delivery('out', OTHER, { to: [{ address: ANA, name: null }] }), 'out');
  await add(outbound, delivery('out of another', OTHER), 'out of another');
  const dead = async (queue: typeof inbound, data: object, messageId: string, reason: string) => {
    await add(queue, data, messageId);
    const id = jobIdOf(keyOf(messageId));
    await redis.lrem(queue.toKey('wait'), 1, id);
    await redis.zadd(queue.toKey('failed'), Date.now(), id);
    await redis.hset(queue.toKey(id), { failedReason: reason, stacktrace: `["${reason} at x"]` });
    const event = ['event', 'failed', 'jobId', id, 'failedReason', reason];
    await redis.xadd(queue.toKey('events'), '*', ...event);
  };
  await dead(outbound, delivery('dead', ANA), 'dead', `mail of ${ANA} refused`);
  await dead(inbound, { v: 1, broken: [`<${ANA}>`] }, 'broken', 'payload_invalid');
  await lookup.add(
    ['delivered', 'waits'].map((messageId) => ({
      key: keyOf(messageId),
      mailboxId: MAILBOX,
      receivedAt: Date.now(),
      internetMessageId: '<1@mail.example>',
      sender: ANA,
      subject: 'Rechnung',
    })),
  );
  return {
    ...bundle,
    add,
    forget: async (body: object): Promise<ForgetAccount> => {
      const { status, body: begun } = await bundle.api('POST', '/forget', body);
      expect(status).toBe(202);
      return until(
        async () => {
          const answer = await bundle.api('GET', `/forget/${begun['id'] as string}`);
          const account = answer.body as unknown as ForgetAccount;
          return account.status !== 'running' && account;
        },
        { what: 'the removal has ended' },
      );
    },
  };
}

async function told(letters: DeadLetters): Promise<DeadLetter[]> {
  const all: DeadLetter[] = [];
  for await (const letter of letters.scan()) all.push(letter);
  return all;
}

const DO = { dryRun: false, reason: 'case 17' };

describe('forget', () => {
  test('only looking changes nothing, and says what there is', async () => {
    await using bundle = await setup();
    const { redis, forget, inbound, outbound } = bundle;
    const kept = async () =>
      Promise.all(
        [inbound, outbound].flatMap((queue) => [
          ...['waits', 'delayed', 'previewed', 'out', 'dead', 'broken'].map((one) =>
            redis.hgetall(queue.toKey(jobIdOf(keyOf(one)))),
          ),
          redis.xrange(queue.toKey('events'), '-', '+'),
        ]),
      );
    const before = await kept();
    const account = await forget({ who: ` ${ANA.toUpperCase()}` });
    expect(account).toMatchObject({
      status: 'done',
      dryRun: true,
      by: ['address'],
      found: { inbound: 3, outbound: 1, deadLetters: 2, events: 2, index: 12 },
      removed: NOTHING,
      left: null,
      messages: 7,
      redis: null,
    });
    expect(await kept()).toEqual(before);
    expect(await bundle.lookup.find({ sender: ANA, from: 0, to: Date.now() })).toHaveLength(2);
  });

  test('removes an address from wherever it is, proves it, and names it nowhere', async () => {
    await using bundle = await setup();
    const { redis, forget, inbound, outbound, letters } = bundle;
    const before = await told(letters);
    // Control: it is there to be found.
    const there = (await wholeRedis(redis)).toLowerCase().replaceAll(OTHER, '');
    expect(there.split(ANA).length).toBeGreaterThan(8);
    await redis.config('SET', 'appendonly', 'yes');
    const account = await forget({ who: ANA, ...DO });
    expect(account).toMatchObject({
      status: 'done',
      reason: 'case 17',
      found: { inbound: 3, outbound: 1, deadLetters: 2, events: 2, index: 12 },
      removed: { inbound: 3, outbound: 1, deadLetters: 2, events: 2, index: 12 },
      left: NOTHING,
      inHand: 0,
      messages: 7,
      redis: 'asked',
    });
    expect(account.keys.toSorted()).toEqual(
      ['waits', 'delayed', 'previewed', 'out', 'dead', 'broken', 'delivered']
        .map((one) => keyOf(one))
        .toSorted(),
    );
    const whole = (await wholeRedis(redis)).toLowerCase();
    expect(whole.replaceAll(OTHER, '')).not.toContain(ANA);
    // All are where they were, the others whole, and what died is told of as before.
    expect(await told(letters)).toEqual(before);
    expect(await inbound.getJobCounts('wait', 'delayed', 'prioritized', 'failed')).toEqual({
      wait: 2,
      delayed: 1,
      prioritized: 1,
      failed: 1,
    });
    const { metadata: _, ...ids } = notice('waits', ANA);
    expect((await inbound.getJob(jobIdOf(keyOf('waits'))))?.data).toEqual(ids);
    const other = await outbound.getJob(jobIdOf(keyOf('out of another')));
    expect(other?.data).toMatchObject({ record: { from: { address: OTHER } } });
    expect(await bundle.lookup.find({ sender: ANA, from: 0, to: Date.now() })).toEqual([]);
    const log = JSON.stringify((await bundle.api('GET', '/actions')).body);
    expect(log).toContain(`"who":"${account.who}"`);
    expect(log).toContain('case 17');
    // Again: there is nothing.
    expect(await forget({ who: ANA, ...DO })).toMatchObject({ found: NOTHING, left: NOTHING });
  });

  test('removes all of a mailbox, by its id or what it is called, and says that it is still read', async () => {
    await using bundle = await setup();
    const { directory, watched, forget, redis } = bundle;
    const settings = aMailbox({ tenantId: TENANT, mailboxId: MAILBOX });
    await directory.put({ ...settings, label: 'AP Berlin' });
    await watched.refresh();
    const account = await forget({ who: 'ap berlin', ...DO });
    expect(account).toMatchObject({
      by: ['mailbox'],
      // The broken one does not say whose it is.
      removed: { inbound: 4, outbound: 2, deadLetters: 1, index: 12 },
      left: NOTHING,
    });
    expect(account.notReached.join()).toContain(`Mailbox ${MAILBOX} is still read`);
    expect(await wholeRedis(redis)).not.toContain(OTHER);
    await directory.setState(MAILBOX, 'removed');
    await watched.refresh();
    const again = await forget({ who: MAILBOX.toUpperCase(), ...DO });
    expect(again).toMatchObject({ found: NOTHING });
    expect(again.notReached.join()).not.toContain('still read');
    expect((await forget({ who: ELSEWHERE })).found).toEqual(NOTHING);
  });

  test('looks again at what somebody has in hand, and says what is left when it may wait no longer', async () => {
    await using bundle = await setup({ forget: { waitMs: 60_000 } });
    const { redis, outbound } = bundle;
    const id = jobIdOf(keyOf('out'));
    await redis.lrem(outbound.toKey('wait'), 1, id);
    await redis.lpush(outbound.toKey('active'), id);
    const { body: begun } = await bundle.api('POST', '/forget', { who: ANA, ...DO });
    const path = `/forget/${begun['id'] as string}`;
    // The other jobs are stripped in its first look: the next ones are for this one.
    await until(
      async () => {
        const job = await bundle.inbound.getJob(jobIdOf(keyOf('waits')));
        return job !== undefined && (job.data as IngestMessage).metadata === undefined;
      },
      { what: 'its first look is over' },
    );
    expect((await bundle.api('POST', '/forget', { who: ANA })).status).toBe(409);
    expect((await outbound.getJob(id))?.data).toEqual(
      expect.objectContaining({ record: expect.anything() }),
    );
    await redis.lrem(outbound.toKey('active'), 1, id);
    await redis.zadd(outbound.toKey('delayed'), Date.now() + 60_000, id);
    const account = await until(
      async () => {
        const { body } = await bundle.api('GET', path);
        return body['status'] !== 'running' && (body as unknown as ForgetAccount);
      },
      { what: 'it is done' },
    );
    expect(account).toMatchObject({ removed: { outbound: 1 }, left: NOTHING, inHand: 0 });
  });

  test('says what it could not wait for', async () => {
    await using bundle = await setup({ forget: { waitMs: 0 } });
    const { redis, outbound, forget } = bundle;
    const id = jobIdOf(keyOf('out'));
    await redis.lrem(outbound.toKey('wait'), 1, id);
    await redis.lpush(outbound.toKey('active'), id);
    const account = await forget({ who: ANA, ...DO });
    expect(account).toMatchObject({ left: { ...NOTHING, outbound: 1 }, inHand: 1 });
    expect(account.notReached.join()).toContain('in the hands of a process: 1');
  });

  test('what is nobody is 404, what is not said why 400, and the same key is one removal', async () => {
    await using bundle = await setup();
    const { redis } = bundle;
    expect((await bundle.api('POST', '/forget', { who: 'a stranger' })).status).toBe(404);
    expect((await bundle.api('POST', '/forget', { who: ANA, dryRun: false })).status).toBe(400);
    const headers = { 'idempotency-key': 'a-key' };
    const first = await bundle.api('POST', '/forget', { who: ANA }, headers);
    const second = await bundle.api('POST', '/forget', { who: ANA }, headers);
    expect(second.body['id']).toBe(first.body['id']);
    expect((await bundle.api('POST', '/forget', { who: OTHER }, headers)).status).toBe(422);
    await until(
      async () =>
        (await bundle.api('GET', `/forget/${first.body['id'] as string}`)).body['status'] ===
        'done',
      { what: 'it is done' },
    );
    // Nobody finds out from what is kept of requests by trying addresses.
    await bundle.api('POST', '/forget', { who: ANA }, { 'idempotency-key': 'b-key' });
    const kept = await Promise.all(
      (await redis.keys('*operator:request*')).map((key) => redis.get(key)),
    );
    const fingerprints = kept.map((one) => JSON.parse(one ?? '').fingerprint as string);
    expect(new Set(fingerprints).size).toBe(2);
    expect(kept.join()).not.toContain('canary');
  });
});
