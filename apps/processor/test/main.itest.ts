import { describe, expect, test } from '@jest/globals';
import { DeliverRecord, jobIdOf } from '@ms1/contracts';
import { GraphPermits } from '@ms1/coordination';
import { type RulesTest, RulesTestStore } from '@ms1/mailboxes';
import { until } from '@ms1/testkit';

import { startFleet } from './start-fleet.ts';

type Fleet = Awaited<ReturnType<typeof startFleet>>;

/** `count` messages spread over the mailboxes, noticed by id only. */
async function noticeMany(fleet: Fleet, count: number, mailboxes = fleet.mailboxes) {
  const refs = [];
  for (let n = 0; n < count; n += 1) {
    const mailboxId = mailboxes[n % mailboxes.length] ?? '';
    refs.push({ mailboxId, messageId: await fleet.inject(mailboxId) });
  }
  return fleet.notice(refs);
}

const statesOf = async ({ ledger }: Fleet, keys: string[]) =>
  (await ledger.known(keys)).map((entry) => entry?.state);

const allIn = (fleet: Fleet, keys: string[], state: string) =>
  until(async () => (await statesOf(fleet, keys)).every((one) => one === state), {
    what: `all ${state}`,
  });

describe('preparation', () => {
  test('what was only announced becomes a whole record on outbound, many to a request', async () => {
    await using fleet = await startFleet();
    const keys = await noticeMany(fleet, 60);
    const before = (await fleet.status()).graph.httpRequests;
    const processor = await fleet.startProcessor();
    await processor.ready(`${processor.health}/readyz`);
    await allIn(fleet, keys, 'prepared');
    const jobs = await fleet.outbound.getJobs(['wait']);
    expect(new Set(jobs.map(({ id }) => id))).toEqual(new Set(keys.map(jobIdOf)));
    expect(jobs).toHaveLength(60);
    const records = jobs.map(({ data }) => DeliverRecord.parse(data).record);
    expect(records.filter(({ attachments }) => attachments.length > 0).length).toBeGreaterThan(5);
    expect(jobs[0]?.opts).toMatchObject({ attempts: 8, removeOnComplete: true });
    expect(await fleet.inbound.getJobCountByTypes()).toBe(0);
    // 15 messages a mailbox: one $batch for them, files included; two where it was taken in two batches
    const requests = (await fleet.status()).graph.httpRequests - before;
    expect(requests).toBeLessThanOrEqual(2 * fleet.mailboxes.length);
    expect(await processor.stop()).toBe(0);
  });

  test('a message that is gone is skipped with its reason, a payload that does not parse is a dead letter, neighbours go on', async () => {
    await using fleet = await startFleet();
    const mailboxId = fleet.mailboxes[0] ?? '';
    const gone = await fleet.inject(mailboxId);
    await fleet.remove(mailboxId, gone);
    const [goneKey = ''] = await fleet.notice([{ mailboxId, messageId: gone }]);
    // Graph has said so for two minutes: once alone it would not be believed.
    await fleet.refusedSince([goneKey], Date.now() - 120_000, 'gone');
    const [badKey = '', lostKey = '', ...keys] = await noticeMany(fleet, 10);
    await (await fleet.inbound.getJob(jobIdOf(badKey)))?.updateData({ v: 1 });
    // As an eviction does. An audit puts back what has no job.
    await fleet.redis.del(fleet.inbound.toKey(jobIdOf(lostKey)));
    await fleet.startProcessor();
    await allIn(fleet, keys, 'prepared');
    await until(async () => (await statesOf(fleet, [goneKey]))[0] === 'skipped', {
      what: 'skipped',
    });
    const [skipped, dead] = await fleet.ledger.known([goneKey, badKey]);
    expect(skipped?.reason).toBe('source_deleted');
    expect(dead).toMatchObject({ state: 'dead', reason: 'payload_invalid' });
    expect((await fleet.inbound.getFailed()).map(({ id }) => id)).toEqual([jobIdOf(badKey)]);
    expect(await fleet.outbound.getJobCountByTypes()).toBe(8);
    expect(await fleet.inbound.getJob(jobIdOf(lostKey))).toBeUndefined();
    expect(await fleet.inbound.getJobCountByTypes()).toBe(1);
    expect((await fleet.ledger.known([lostKey]))[0]?.state).toBe('queued');
  });

  test('what the rules of its mailbox decline is skipped and counted with the reason', async () => {
    await using fleet = await startFleet();
    const [mailboxId = ''] = fleet.mailboxes;
    await fleet.setRules(mailboxId, {
      senders: { deny: ['@spam.example'] },
      subject: { any: ['facture'] },
      attachmentBytes: { max: 1_000 },
    });
    const { session } = await fleet.sessions.create({ name: 'march', mailboxes: [mailboxId] });
    const attachments = [{ name: 'a.pdf', size: 900 }];
    const from = { name: 'x', address: 'x@spam.example' };
    const refs = [];
    for (const properties of [
      { subject: 'FACTURE 1', attachments },
      { subject: 'Facture 2', attachments, from },
      { subject: 'Newsletter', attachments },
      { subject: 'facture 3', attachments: [...attachments, ...attachments] },
    ]) {
      refs.push({ mailboxId, messageId: await fleet.inject(mailboxId, properties) });
    }
    const keys = await fleet.notice(refs, { sessionId: session.id });
    await fleet.startProcessor();
    await until(async () => !(await statesOf(fleet, keys)).includes('queued'), { what: 'ended' });
    const entries = await fleet.ledger.known(keys);
    expect(entries.map((entry) => `${entry?.state} ${entry?.reason ?? ''}`)).toEqual([
      'prepared ',
      'skipped rule_sender',
      'skipped rule_subject',
      'skipped rule_size',
    ]);
    expect((await fleet.usage()).get(mailboxId)?.units).toEqual({ message: 4 });
    expect((await fleet.sessions.get(session.id))?.reasons).toEqual({
      'skipped:rule_sender': 1,
      'skipped:rule_subject': 1,
      'skipped:rule_size': 1,
    });
    expect(await fleet.outbound.getJobCountByTypes()).toBe(1);
  });

  test('a mail that was here before is whole, and linked to the first that was taken', async () => {
    await using fleet = await startFleet();
    const [one = '', two = ''] = fleet.mailboxes;
    await fleet.setRules(two, { subject: { none: ['newsletter'] } });
    const internetMessageId = '<4711@supplier.example>';
    const arrive = async (mailboxId: string, properties: object = {}) => {
      const messageId = await fleet.inject(mailboxId, { internetMessageId, ...properties });
      const [key = ''] = await fleet.notice([{ mailboxId, messageId }]);
      await until(async () => (await statesOf(fleet, [key]))[0] !== 'queued', { what: 'taken' });
      return key;
    };
    await fleet.startProcessor({ LOOKUP_KEY: 'a key for lookups' });
    await arrive(two, { subject: 'Newsletter' });
    const first = await arrive(two);
    const others = [await arrive(one), await arrive(two)];
    const unlike = await arrive(one, { internetMessageId: '<4712@supplier.example>' });
    const linkOf = async (key: string) => {
      const job = await fleet.outbound.getJob(jobIdOf(key));
      return DeliverRecord.parse(job?.data).record.sameAs;
    };
    expect(await Promise.all(others.map(linkOf))).toEqual([
      { key: first, mailbox: two },
      { key: first, mailbox: two },
    ]);
    expect([await linkOf(first), await linkOf(unlike)]).toEqual([undefined, undefined]);
    expect(await fleet.outbound.getJobCountByTypes()).toBe(4);
  });

  test('rules are tested on what is in the mailbox now, many messages to a request, and nothing is written', async () => {
    await using fleet = await startFleet();
    const [mailboxId = ''] = fleet.mailboxes;
    const tests = new RulesTestStore(fleet.redis);
    const subjects = Array.from({ length: 60 }, (_, n) => (n % 2 ? `Facture ${n}` : 'Newsletter'));
    for (const subject of subjects) await fleet.inject(mailboxId, { subject });
    await fleet.setRules(mailboxId, { subject: { any: ['facture'] } });
    const ends = async ({ id }: RulesTest) => {
      const found = await tests.get(id);
      return found && (found.result !== null || found.failed !== null) ? found : undefined;
    };
    const own = await tests.ask({ mailboxId, last: 50, rules: null });
    const proposed = await tests.ask({ mailboxId, last: 50, rules: {} });
    const unknown = await tests.ask({ mailboxId: 'nobody', last: 50, rules: null });
    await fleet.startProcessor();
    const what = 'the rules are tested';
    expect((await until(() => ends(own), { what })).result).toMatchObject({
      tested: 50,
      taken: 25,
      declined: { rule_subject: 25 },
    });
    expect((await until(() => ends(proposed), { what })).result).toMatchObject({ taken: 50 });
    // Two tests of 50: a listing each, and pages of what it lists.
    const [used = 0] = await new GraphPermits(fleet.redis).requestsOf([mailboxId]);
    expect([used > 0, used <= 10]).toEqual([true, true]);
    expect((await until(() => ends(unknown), { what })).failed).toBe('mailbox_unknown');
    expect(await fleet.ledger.totals()).toMatchObject({ queued: 0, prepared: 0, skipped: 0 });
    expect(await fleet.outbound.getJobCountByTypes()).toBe(0);
  });

  test('SIGTERM with a batch at Graph: it is finished, and the process exits with 0', async () => {
    await using fleet = await startFleet({ SIMULATOR_GRAPH_LATENCY_MS: '700' });
    const keys = await noticeMany(fleet, 20);
    const before = (await fleet.status()).graph.httpRequests;
    const processor = await fleet.startProcessor();
    await until(async () => (await fleet.status()).graph.httpRequests > before, {
      what: 'a request at Graph',
    });
    expect(await processor.stop('SIGTERM')).toBe(0);
    expect(new Set(await statesOf(fleet, keys))).toEqual(new Set(['prepared']));
    expect(await fleet.outbound.getJobCountByTypes()).toBe(20);
    expect(await fleet.inbound.getJobCountByTypes()).toBe(0);
  });
});

describe('faults', () => {
  test('a throttled mailbox is waited for without an attempt; the others are not held up', async () => {
    await using fleet = await startFleet();
    const [throttled = '', ...others] = fleet.mailboxes;
    await fleet.fault('graph-429', { mailboxId: throttled, retryAfterS: 3 });
    const slow = await fleet.notice([
      { mailboxId: throttled, messageId: await fleet.inject(throttled) },
    ]);
    const fast = await noticeMany(fleet, 10, others);
    await fleet.startProcessor();
    await allIn(fleet, fast, 'prepared');
    expect(await statesOf(fleet, slow)).toEqual(['queued']);
    await until(async () => (await fleet.inbound.getDelayedCount()) === 1, { what: 'delayed' });
    expect((await fleet.inbound.getJob(jobIdOf(slow[0] ?? '')))?.attemptsMade).toBe(0);
    await fleet.clearFaults();
    await allIn(fleet, slow, 'prepared');
  });
});
