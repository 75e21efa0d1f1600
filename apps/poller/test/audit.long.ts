import { describe, expect, test } from '@jest/globals';
import { folderKey, JOBS, jobIdOf, messageKey } from '@ms1/contracts';
import { type Audit, AuditStore, Ledger } from '@ms1/ledger';
import { until } from '@ms1/testkit';

import { setup as setupPoller } from './poller-bundle.ts';

/** One walk when it starts, and then only when it is asked for. */
const ONCE = { INGEST_SINCE: '2000-01-01T00:00:00Z', POLLER_INTERVAL_MS: '86400000' };

async function setup() {
  const bundle = await setupPoller({ mailboxes: 1 });
  const [mailboxId = ''] = bundle.mailboxes;
  const { tenantId } = bundle;
  const folder = { mailboxId, folderId: 'inbox' };
  const audits = new AuditStore(bundle.redis);
  const add = (name: string, data: object, jobId: string) =>
    bundle.polling.add(name, { v: 1, tenantId, ...folder, ...data }, { jobId });
  return {
    ...bundle,
    ledger: new Ledger(bundle.redis),
    keyOf: (messageId: string) => messageKey({ tenantId, mailboxId, messageId }),
    walk: () => add(JOBS.pollFolder, {}, `asked-${folderKey(folder)}`),
    injectOne: () => bundle.inject(mailboxId),
    async audit({
      repair = false,
      sessionId = null as string | null,
      replay = undefined as string | undefined,
    } = {}) {
      const to = new Date(Date.now() + 60_000).toISOString();
      const request = { from: null, to, sessionId, repair };
      const { id } = await audits.create({ folders: [folder], ...request });
      await add(JOBS.auditWindow, { ...request, replay, auditId: id }, `audit-${id}`);
      let done: Audit | null = null;
      await until(
        async () => {
          done = await audits.get(id);
          return Boolean(done?.folders[0]?.result);
        },
        { what: 'the folder is audited' },
      );
      const result = (done as Audit | null)?.folders[0]?.result;
      if (!result) throw new Error('no result');
      return result;
    },
  };
}

describe('the audit', () => {
  test('names exactly the forgotten, the dropped and the unseen message, and its repair makes the next one clean', async () => {
    await using bundle = await setup();
    const { ledger, keyOf, inbound } = bundle;
    await bundle.control('inject', { messages: 60, mailboxes: 1, seed: 6, announced: 0 });
    await until(async () => (await bundle.status()).injected === 60, { what: '60 are injected' });
    const forgotten = await bundle.injectOne();
    await bundle.startPoller(ONCE);
    const processor = await bundle.startProcessor();
    await bundle.startSender();
    await until(async () => (await ledger.totals()).delivered === 61, { what: '61 delivered' });
    expect(await bundle.audit()).toMatchObject({
      listed: 61,
      counts: { delivered: 61, inFlight: 0, unexplained: 0 },
      witnesses: [],
    });

    await processor.stop('SIGTERM');
    const dropped = await bundle.injectOne();
    await bundle.injectOne();
    await bundle.walk();
    await until(async () => (await inbound.getWaitingCount()) === 2, { what: 'two wait' });
    await inbound.remove(jobIdOf(keyOf(dropped)));
    const unseen = await bundle.injectOne();
    await bundle.redis.del(`{ms1}:ledger:${keyOf(forgotten)}`);

    const found = await bundle.audit();
    expect(found.counts).toEqual({
      delivered: 60,
      skipped: 0,
      dead: 0,
      inFlight: 1,
      unexplained: 3,
    });
    expect(found.reasons).toEqual({
      'inFlight:inbound': 1,
      'unexplained:not_noticed': 2,
      'unexplained:job_gone': 1,
    });
    const named = new Map(found.witnesses.map(({ key, why }) => [key, why]));
    expect(named).toEqual(
      new Map([
        [keyOf(forgotten), 'not_noticed'],
        [keyOf(dropped), 'job_gone'],
        [keyOf(unseen), 'not_noticed'],
      ]),
    );
    // Looking changes nothing: only a repair does.
    expect(await inbound.getWaitingCount()).toBe(1);

    expect((await bundle.audit({ repair: true })).repaired).toBe(3);
    expect((await bundle.audit({ repair: true })).repaired).toBe(0);
    await bundle.startProcessor();
    await until(async () => (await bundle.status()).stored === 64, { what: 'all 64 are stored' });
    await until(async () => (await bundle.audit()).counts.delivered === 64, {
      what: 'the next audit is clean',
    });
  });

  test('a dead letter that the ledger was not told of is dead, and a repair tells the ledger', async () => {
    await using bundle = await setup();
    const messageId = await bundle.injectOne();
    await bundle.startPoller(ONCE);
    await until(async () => (await bundle.inbound.getWaitingCount()) === 1, { what: 'it waits' });
    const key = bundle.keyOf(messageId);
    // What BullMQ does with a job whose workers died too often: nobody was left to tell the ledger.
    await bundle.redis.lrem('{ms1}:inbound:wait', 0, jobIdOf(key));
    await bundle.redis.zadd('{ms1}:inbound:failed', Date.now(), jobIdOf(key));
    expect((await bundle.audit()).reasons).toEqual({ 'dead:job_failed': 1 });
    expect(await bundle.ledger.known([key])).toMatchObject([{ state: 'queued' }]);
    expect((await bundle.audit({ repair: true })).repaired).toBe(0);
    expect(await bundle.ledger.known([key])).toMatchObject([
      { state: 'dead', reason: 'job_failed' },
    ]);
  });

  test('mail from before the folder was first seen is left alone, unless a session asks for it', async () => {
    await using bundle = await setup();
    await bundle.injectOne();
    await bundle.startPoller({
      ...ONCE,
      INGEST_SINCE: new Date(Date.now() + 60_000).toISOString(),
    });
    await until(async () => (await bundle.status()).graph.httpRequests >= 2, { what: 'a walk' });
    expect((await bundle.audit({ repair: true })).reasons).toEqual({ 'skipped:before_since': 1 });
    const ofSession = await bundle.audit({ repair: true, sessionId: 's' });
    expect(ofSession).toMatchObject({ reasons: { 'unexplained:not_noticed': 1 }, repaired: 1 });
    const [job] = await bundle.inbound.getWaiting(0, 0);
    expect(job?.data).toMatchObject({ source: 'backfill', sessionId: 's' });
  });

  test('what was skipped because it was not there is unexplained when Graph lists it, and delivered; what a rule declined is when somebody says so', async () => {
    await using bundle = await setup();
    const { ledger, keyOf } = bundle;
    const reasons = ['source_deleted', 'mailbox_removed', 'rule_sender'];
    const at = Date.now() - 60_000;
    const ids = await Promise.all(reasons.map(() => bundle.injectOne()));
    await ledger.record(
      ids.map((id, index) => ({
        key: keyOf(id),
        state: 'skipped',
        at,
        reason: reasons[index] ?? '',
      })),
    );
    // Its walks leave alone whatever came before it: the audit does not, of what was asked for once.
    await bundle.startPoller({
      ...ONCE,
      INGEST_SINCE: new Date(Date.now() + 60_000).toISOString(),
    });
    const found = await bundle.audit();
    expect(found.reasons).toEqual({
      'unexplained:source_deleted': 1,
      'unexplained:mailbox_removed': 1,
      'skipped:rule_sender': 1,
    });
    const named = new Set(found.witnesses.map(({ skipped }) => skipped));
    expect(named).toEqual(new Set(reasons.slice(0, 2)));
    await bundle.startProcessor();
    await bundle.startSender();
    expect((await bundle.audit({ repair: true })).repaired).toBe(2);
    await until(async () => (await bundle.status()).stored === 2, { what: 'two are stored' });
    // The ledger hears of it a moment after MS4 has it.
    await until(async () => (await bundle.audit()).counts.delivered === 2, { what: 'both told' });
    expect((await bundle.audit({ repair: true })).reasons).toEqual({ 'skipped:rule_sender': 1 });

    expect((await bundle.audit({ replay: 'rule_sender' })).repaired).toBe(0);
    expect((await bundle.audit({ replay: 'source_deleted', repair: true })).repaired).toBe(0);
    expect((await bundle.audit({ replay: 'rule_sender', repair: true })).repaired).toBe(1);
    await until(async () => (await bundle.status()).stored === 3, { what: 'all are stored' });
    await until(async () => (await bundle.audit()).counts.delivered === 3, {
      what: 'the next audit is clean',
    });
  });

  test('runs by itself and puts back what nobody noticed', async () => {
    await using bundle = await setup();
    const messageId = await bundle.injectOne();
    const key = bundle.keyOf(messageId);
    const rolling = { POLLER_AUDIT_INTERVAL_MINUTES: '1', POLLER_AUDIT_SETTLE_MINUTES: '0' };
    const poller = await bundle.startPoller(ONCE);
    await until(async () => (await bundle.inbound.getWaitingCount()) === 1, { what: 'it waits' });
    await poller.stop('SIGTERM');
    await bundle.inbound.remove(jobIdOf(key));
    // Its first tick is at once. The walk finds nothing: the ledger knows the message.
    await bundle.startPoller({ ...ONCE, ...rolling });
    await until(async () => (await bundle.inbound.getWaitingCount()) === 1, { what: 'it is back' });
    const audits = new AuditStore(bundle.redis);
    await until(async () => (await audits.rolling()).length === 1, { what: 'it is reported' });
    const [folder] = await audits.rolling();
    expect(folder?.result).toMatchObject({ listed: 1, repaired: 1, witnesses: [{ key }] });
  });
});
