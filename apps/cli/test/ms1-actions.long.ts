import { describe, expect, test } from '@jest/globals';
import { JOBS, jobIdOf } from '@ms1/contracts';
import { until } from '@ms1/testkit';

import { consoleBundle, KEY, onlyOut } from './ms1-bundle.ts';

describe('ms1', () => {
  test('does all that the API does, and what it changes is seen at once', async () => {
    await using bundle = await consoleBundle();
    const { asked } = bundle;
    const other = '33333333-3333-4333-8333-333333333333';
    expect(await asked('status')).toMatchObject({
      code: 0,
      answer: { verdict: expect.any(String), queues: expect.any(Array), totals: { delivered: 0 } },
    });
    const added = await asked(`mailboxes add ${other} --label archive --folders inbox,archive`);
    expect(added).toMatchObject({ code: 0, answer: { state: 'active', label: 'archive' } });
    expect(await asked(`mailboxes add ${other}`)).toMatchObject({
      code: 1,
      answer: { status: 409 },
    });
    expect((await asked(`mailboxes pause ${other}`)).answer).toMatchObject({ state: 'paused' });
    expect((await asked(`mailboxes resume ${other}`)).answer).toMatchObject({ state: 'active' });
    const changed = await asked(`mailboxes change ${other} --label old --folders inbox`);
    expect(changed.answer).toMatchObject({ label: 'old', folders: [{ folderId: 'inbox' }] });
    const late = await asked(`mailboxes change ${other} --label x --if-revision 1`);
    expect(late).toMatchObject({ code: 1, answer: { status: 409 } });
    expect((await asked('mailboxes list')).answer).toHaveLength(2);
    expect((await asked(`mailboxes remove ${other} --yes`)).answer).toMatchObject({
      state: 'removed',
    });
    expect((await asked('mailboxes list')).answer).toHaveLength(1);
    expect(await asked(`mailboxes show ${KEY}`)).toMatchObject({ code: 2 });

    expect((await asked('queues pause outbound --reason repair')).answer).toMatchObject({
      name: 'outbound',
      paused: true,
    });
    await until(async () => (await asked('status')).code === 1, { what: 'mail does not flow' });
    expect((await asked('queues resume outbound')).answer).toMatchObject({ paused: false });
    expect(await asked('queues pause nowhere')).toMatchObject({ code: 1, answer: { status: 404 } });
    expect((await asked('queues list')).answer).toHaveLength(3);

    expect(await asked('subscriptions list')).toMatchObject({ code: 0, answer: [] });
    expect((await asked('subscriptions renew')).answer).toEqual({ asked: true });
    expect((await asked('fleet')).answer).toMatchObject({
      missing: ['ingest-api', 'poller', 'processor', 'ms4-sender'],
    });
    expect((await asked('tenants list')).answer).toHaveLength(1);
    expect((await asked('audits rolling')).answer).toMatchObject({ counts: { unexplained: 0 } });
    expect((await asked('audits list')).answer).toEqual([]);
    expect((await asked('history --range day')).answer).toMatchObject({ stepSeconds: 300 });
    expect(await asked('sessions compare A B')).toMatchObject({ code: 1, answer: { status: 404 } });
    expect((await asked('mailboxes daily')).answer).toEqual([]);
    const looked = (await asked('doctor --console')).answer as { checks: { name: string }[] };
    expect(looked.checks).toContainEqual(
      expect.objectContaining({ name: 'redis.connection', status: 'ok' }),
    );
    const actions = (await asked('actions list --limit 500')).answer as { action: string }[];
    expect(actions.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['POST /queues/:name/pause', 'DELETE /mailboxes/:id']),
    );

    await bundle.ledger.record([{ key: KEY, state: 'queued', at: 1_000 }]);
    await bundle.ledger.record([{ key: KEY, state: 'delivered', at: 2_000, receipt: 'r-1' }]);
    const { code, answer } = await asked(`find --key ${KEY}`);
    expect([code, answer[0].timeline.at(-1)]).toMatchObject([
      0,
      { event: 'delivered', receipt: 'r-1' },
    ]);
  });

  test('starts, shows, pauses, resumes, cancels and lists sessions, as tables and as JSON', async () => {
    await using bundle = await consoleBundle();
    const { ms1 } = bundle;
    const started = await ms1('sessions', 'start', '--name', 'november', '--json');
    expect(started).toMatchObject({ code: 0, err: '' });
    const { id } = JSON.parse(started.out) as { id: string };
    const stepped = async (step: string) => onlyOut(await ms1('sessions', step, id, '--json'));
    expect(await stepped('pause')).toMatchObject({ status: 'open', paused: true });
    expect(await stepped('resume')).toMatchObject({ status: 'open', paused: false });
    expect(await stepped('cancel')).toMatchObject({ status: 'cancelled' });
    expect(await stepped('resume')).toMatchObject({ status: 'open' });
    const csv = await ms1('sessions', 'list', '--csv');
    expect(csv.out).toMatch(new RegExp(`^\uFEFFid,name,status,.*\r\n${id},november,open,.*\r\n$`));
    const list = await ms1('sessions', 'list');
    expect(list.out).toMatch(new RegExp(`^id +name +status[^\\n]*\\n${id} +november +open`));
  });

  test('an audit ends with 0 when everything is accounted for and with 1 when not', async () => {
    await using bundle = await consoleBundle();
    const audited = async (unexplained: number) => {
      const asked = bundle.ms1('audit', '--from', '2026-01-01');
      const before = (await bundle.audits.list()).length;
      await until(async () => (await bundle.audits.list()).length > before, {
        what: 'it is asked',
      });
      const [audit] = await bundle.audits.list();
      const [folder] = audit?.folders ?? [];
      if (!audit || !folder) throw new Error('no audit');
      const counts = { delivered: 7, skipped: 0, dead: 0, inFlight: 0, unexplained };
      const window = { at: new Date().toISOString(), from: audit.from, to: audit.to };
      const rest = { listed: 7 + unexplained, reasons: {}, repaired: 0, witnesses: [] };
      await bundle.audits.report(audit.id, folder, { ...window, ...rest, counts });
      return asked;
    };
    const clean = await audited(0);
    expect([clean.code, clean.out]).toEqual([0, expect.stringContaining('accounted for')]);
    expect((await audited(2)).code).toBe(1);
  });

  test('lists dead letters, says what a replay would do, and replays with a reason', async () => {
    await using bundle = await consoleBundle();
    await bundle.inbound.add(JOBS.ingestMessage, { v: 1 }, { jobId: jobIdOf(KEY) });
    await bundle.redis.lrem('{ms1}:inbound:wait', 0, jobIdOf(KEY));
    await bundle.redis.zadd('{ms1}:inbound:failed', Date.now(), jobIdOf(KEY));
    await bundle.ledger.record([{ key: KEY, state: 'dead', at: Date.now(), reason: 'rejected' }]);
    expect((await bundle.ms1('dead', 'list')).out).toContain('inbound');
    const found = await bundle.ms1('find', '--key', KEY);
    expect(found).toMatchObject({ code: 0, out: expect.stringMatching(/dead.*inbound \(dead\)/) });
    const dry = await bundle.ms1('dead', 'replay', '--all');
    expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('1 would be replayed')]);
    expect(await bundle.inbound.getFailedCount()).toBe(1);
    const done = await bundle.ms1(
      'dead',
      'replay',
      '--all',
      '--yes',
      '--reason',
      'again',
      '--json',
    );
    expect([done.code, JSON.parse(done.out)]).toMatchObject([0, { status: 'done', done: 1 }]);
    expect(await bundle.inbound.getWaitingCount()).toBe(1);
    expect((await bundle.ms1('find', '--key', 'x'.repeat(22))).code).toBe(1);
  });
});
