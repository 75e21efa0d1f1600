import { describe, expect, test } from '@jest/globals';
import { messageKey, Problem, ScanSession } from '@ms1/contracts';
import { until } from '@ms1/testkit';

import { finishSessions } from '../src/sessions/finish-sessions.ts';
import { FOLDERS, MAILBOXES, consoleBundle as setup, TENANT } from './console-bundle.ts';

const keyOf = (messageId: string): string =>
  messageKey({ tenantId: TENANT, mailboxId: MAILBOXES[0] ?? '', messageId });

describe('POST /api/sessions', () => {
  test('opens a session over all configured mailboxes', async () => {
    await using bundle = await setup();
    const { status, body, headers } = await bundle.api('POST', '/sessions', { name: 'november' });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/sessions/${String(body['id'])}`);
    expect(body).toEqual({
      id: expect.any(String),
      name: 'november',
      mailboxes: MAILBOXES,
      from: null,
      to: null,
      status: 'open',
      paused: false,
      createdAt: new Date(bundle.clock.at).toISOString(),
      closedAt: null,
      finishedAt: null,
      counts: { queued: 0, prepared: 0, delivered: 0, skipped: 0, dead: 0 },
      reasons: {},
      found: 0,
      requeued: 0,
      missing: 0,
      scans: { done: 0, total: 0 },
      rate: { perSecond: 0, etaSeconds: 0, limitedBy: null },
    });
    expect(await bundle.store.activeSessionOf(MAILBOXES[1] ?? '')).toBe(body['id']);
  });

  test('the same request again answers with the session there is', async () => {
    await using bundle = await setup();
    const request = { name: 'november', mailboxes: MAILBOXES, from: '2026-11-01T00:00:00Z' };
    const first = await bundle.api('POST', '/sessions', request);
    const again = await bundle.api('POST', '/sessions', {
      ...request,
      mailboxes: MAILBOXES.toReversed().map((id) => id.toUpperCase()),
      from: '2026-11-01T01:00:00+01:00',
    });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body['id']).toBe(first.body['id']);
  });

  test('refuses an open name with other contents, and a mailbox of another open session', async () => {
    await using bundle = await setup();
    await bundle.api('POST', '/sessions', { name: 'a', mailboxes: [MAILBOXES[0]] });
    const name = await bundle.api('POST', '/sessions', { name: 'a', mailboxes: [MAILBOXES[1]] });
    const mailbox = await bundle.api('POST', '/sessions', { name: 'b' });
    expect([name.status, name.body['type']]).toEqual([409, 'session_name_taken']);
    expect([mailbox.status, mailbox.body['type']]).toEqual([409, 'session_mailbox_busy']);
  });

  test('ten at once make one session', async () => {
    await using bundle = await setup();
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => bundle.api('POST', '/sessions', { name: 'once' })),
    );
    expect(new Set(replies.map(({ body }) => body['id'])).size).toBe(1);
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(9);
  });

  test.each([
    ['no name', {}, '/name'],
    ['an empty name', { name: ' ' }, '/name'],
    ['an extra field', { name: 'a', status: 'finished' }, ''],
    ['a mailbox that is no GUID', { name: 'a', mailboxes: ['me@example.com'] }, '/mailboxes/0'],
    [
      'a mailbox that is not configured',
      { name: 'a', mailboxes: ['33333333-1111-4111-8111-111111111111'] },
      '/mailboxes/0',
    ],
    [
      'a window that ends before it begins',
      { name: 'a', from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' },
      '/to',
    ],
    ['a date without a time', { name: 'a', from: '2026-02-01' }, '/from'],
  ])('refuses %s with 400 and where', async (_name, request, pointer) => {
    await using bundle = await setup();
    const { status, type, body } = await bundle.api('POST', '/sessions', request);
    expect(status).toBe(400);
    expect(type).toContain('application/problem+json');
    expect(Problem.parse(body).errors?.[0]?.pointer).toBe(pointer);
    expect(JSON.stringify(body)).not.toContain('me@example.com');
    expect(await bundle.store.list()).toEqual([]);
  });

  test('refuses a body that is not JSON, and one of another type', async () => {
    await using bundle = await setup();
    const send = (type: string, body: string) =>
      bundle.request('/api/sessions', {
        method: 'POST',
        headers: { authorization: 'Bearer token-of-sixteen-or-more', 'content-type': type },
        body,
      });
    expect((await send('application/json', '{')).status).toBe(400);
    expect((await send('text/plain', '{"name":"a"}')).status).toBe(415);
    expect(
      (await send('application/json', JSON.stringify({ name: 'a'.repeat(70_000) }))).status,
    ).toBe(413);
    expect(bundle.errors).toEqual([]);
  });
});

describe('closing', () => {
  test('ends the window and has each folder of each mailbox listed once, however often it is closed', async () => {
    await using bundle = await setup();
    const { body: session } = await bundle.api('POST', '/sessions', { name: 'a' });
    const path = `/sessions/${String(session['id'])}/close`;
    bundle.clock.at += 60_000;
    const closed = await bundle.api('POST', path);
    bundle.clock.at += 60_000;
    const again = await bundle.api('POST', path, {});
    expect([closed.status, again.status]).toEqual([200, 200]);
    expect(closed.body).toMatchObject({
      status: 'closing',
      to: new Date(bundle.clock.at - 60_000).toISOString(),
      scans: { done: 0, total: 4 },
    });
    expect(again.body).toEqual(closed.body);
    const jobs = await bundle.polling.getJobs(['waiting']);
    expect(jobs).toHaveLength(4);
    expect(jobs.every(({ name }) => name === 'scan-session')).toBe(true);
    const data = jobs.map((job) => ScanSession.parse(job.data));
    expect(new Set(data.map((scan) => `${scan.mailboxId} ${scan.folderId}`)).size).toBe(4);
    expect(
      data.every(({ sessionId, tenantId }) => sessionId === session['id'] && tenantId === TENANT),
    ).toBe(true);
    expect(await bundle.store.activeSessionOf(MAILBOXES[0] ?? '')).toBeNull();
  });

  test('keeps a window that had ended before', async () => {
    await using bundle = await setup();
    const to = '2020-01-01T00:00:00.000Z';
    const { body } = await bundle.api('POST', '/sessions', { name: 'a', to });
    const closed = await bundle.api('POST', `/sessions/${String(body['id'])}/close`);
    expect(closed.body['to']).toBe(to);
  });

  test('finishes only when every folder is listed and every message found is final', async () => {
    await using bundle = await setup();
    const { body } = await bundle.api('POST', '/sessions', { name: 'a' });
    const id = String(body['id']);
    const read = async () => (await bundle.api('GET', `/sessions/${id}`)).body;
    const at = bundle.clock.at;
    const [key, late] = [keyOf('1'), keyOf('2')];
    await bundle.ledger.record([{ key, state: 'queued', at, sessionId: id, source: 'webhook' }]);
    await bundle.api('POST', `/sessions/${id}/close`);
    const folders = await bundle.store.pendingScans(id);
    for (const folder of folders.slice(1)) {
      await bundle.store.recordScan(id, folder, { found: 0, requeued: 0 });
    }
    await bundle.ledger.record([{ key, state: 'delivered', at, receipt: 'r' }]);
    expect(await read()).toMatchObject({ status: 'closing', scans: { done: 3, total: 4 } });

    await bundle.ledger.record([
      { key: late, state: 'queued', at, sessionId: id, source: 'backfill' },
    ]);
    const last = folders.slice(0, 1);
    for (const folder of last) await bundle.store.recordScan(id, folder, { found: 2, requeued: 1 });
    expect(await read()).toMatchObject({
      status: 'closing',
      counts: { queued: 1 },
      scans: { done: 4 },
    });

    await bundle.ledger.record([{ key: late, state: 'dead', at, reason: 'rejected' }]);
    expect(await read()).toMatchObject({
      status: 'finished',
      finishedAt: new Date(at).toISOString(),
      counts: { queued: 0, prepared: 0, delivered: 1, skipped: 0, dead: 1 },
      found: 2,
      requeued: 1,
    });
    // The name is free again.
    expect((await bundle.api('POST', '/sessions', { name: 'a' })).status).toBe(201);
  });

  test('a session that nobody reads is finished by itself, once, by several consoles', async () => {
    await using bundle = await setup();
    const { session } = await bundle.service.create({ name: 'a', mailboxes: 'all' });
    await bundle.service.close(session.id);
    const finished: string[] = [];
    const stop = new AbortController();
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const loops = [1, 2, 3].map(() =>
      finishSessions({
        sessions: bundle.store,
        addScans: (closing) => bundle.service.addScans(closing),
        intervalMs: 5,
        onFinished: (id) => {
          finished.push(id);
          resolve();
        },
      })(stop.signal),
    );
    for (const folder of await bundle.store.pendingScans(session.id)) {
      await bundle.store.recordScan(session.id, folder, { found: 0, requeued: 0 });
    }
    await done;
    stop.abort();
    await Promise.all(loops);
    expect(finished).toEqual([session.id]);
  });

  test('a crash between closing and adding the scans is repaired by the loop', async () => {
    await using bundle = await setup();
    const { session } = await bundle.service.create({ name: 'a', mailboxes: 'all' });
    await bundle.store.close(
      session.id,
      FOLDERS.map((folderId) => ({ mailboxId: MAILBOXES[0] ?? '', folderId })),
    );
    expect(await bundle.polling.getWaitingCount()).toBe(0);
    const stop = new AbortController();
    await finishSessions({
      sessions: bundle.store,
      addScans: async (closing) => {
        await bundle.service.addScans(closing);
        stop.abort();
      },
      intervalMs: 1,
    })(stop.signal);
    expect(await bundle.polling.getWaitingCount()).toBe(FOLDERS.length);
  });

  test('the loop forgets a session long after its end', async () => {
    await using bundle = await setup();
    const { session } = await bundle.service.create({ name: 'a', mailboxes: 'all' });
    await bundle.store.cancel(session.id);
    bundle.clock.at += 36 * 24 * 3_600_000;
    const stop = new AbortController();
    const loop = finishSessions({
      sessions: bundle.store,
      addScans: (closing) => bundle.service.addScans(closing),
      intervalMs: 1,
    })(stop.signal);
    await using stack = new AsyncDisposableStack();
    stack.defer(() => {
      stop.abort();
      return loop;
    });
    await until(async () => (await bundle.store.get(session.id)) === null, { what: 'forgotten' });
    expect(await bundle.store.list()).toEqual([]);
  });
});

describe('the rolling audit', () => {
  test('tells nothing of a folder that is read no more', async () => {
    await using bundle = await setup();
    const report = (mailboxId: string, unexplained: number) => {
      const counts = { delivered: 0, skipped: 0, dead: 0, inFlight: 0, unexplained };
      const window = { at: new Date(bundle.clock.at).toISOString(), from: null, to: null };
      const rest = { listed: unexplained, reasons: {}, repaired: 0, witnesses: [] };
      const folder = { mailboxId, folderId: FOLDERS[0] ?? '' };
      return bundle.auditStore.report(null, folder, { ...window, counts, ...rest });
    };
    await report(MAILBOXES[0] ?? '', 0);
    await report(MAILBOXES[1] ?? '', 3);
    const seen = async () => (await bundle.api('GET', '/audits/rolling')).body;
    expect(await seen()).toMatchObject({ counts: { unexplained: 3 } });
    await bundle.api('DELETE', `/mailboxes/${MAILBOXES[1]}`);
    await bundle.watched.refresh();
    expect(await seen()).toMatchObject({
      counts: { unexplained: 0 },
      folders: [{ mailboxId: MAILBOXES[0] }],
    });
  });
});

describe('cancelling', () => {
  test('stops attributing, frees mailboxes and name, and can be said twice', async () => {
    await using bundle = await setup();
    const { body } = await bundle.api('POST', '/sessions', { name: 'a' });
    const path = `/sessions/${String(body['id'])}`;
    const cancelled = await bundle.api('POST', `${path}/cancel`);
    expect(cancelled.body).toMatchObject({ status: 'cancelled' });
    expect((await bundle.api('POST', `${path}/cancel`)).status).toBe(200);
    expect(await bundle.store.activeSessionOf(MAILBOXES[0] ?? '')).toBeNull();
    expect(await bundle.api('POST', `${path}/close`)).toMatchObject({
      status: 409,
      body: { type: 'session_status' },
    });
    expect((await bundle.api('POST', '/sessions', { name: 'a' })).status).toBe(201);
  });

  test('a finished session can not be cancelled', async () => {
    await using bundle = await setup();
    const { session } = await bundle.service.create({ name: 'a', mailboxes: 'all' });
    await bundle.store.close(session.id, []);
    await bundle.store.finish(session.id);
    expect((await bundle.api('POST', `/sessions/${session.id}/cancel`)).status).toBe(409);
  });
});

describe('reading', () => {
  test('lists the latest first, in pages, and says 404 for what is not there', async () => {
    await using bundle = await setup();
    for (const name of ['a', 'b', 'c']) {
      bundle.clock.at += 1;
      const { body } = await bundle.api('POST', '/sessions', { name });
      await bundle.api('POST', `/sessions/${String(body['id'])}/cancel`);
    }
    const list = await bundle.api('GET', '/sessions?limit=2');
    expect(list.body).toMatchObject([{ name: 'c' }, { name: 'b' }]);
    expect((await bundle.api('GET', '/sessions?limit=2&offset=2')).body).toMatchObject([
      { name: 'a' },
    ]);
    expect((await bundle.api('GET', '/sessions?limit=0')).status).toBe(400);
    for (const path of ['/sessions/none', '/none']) {
      expect((await bundle.api('GET', path)).status).toBe(404);
    }
    for (const path of ['/sessions/none/close', '/sessions/none/cancel']) {
      expect((await bundle.api('POST', path)).status).toBe(404);
    }
  });

  test('tells the depth of every queue and the state of the service', async () => {
    await using bundle = await setup();
    const timestamp = bundle.clock.at - 40_000;
    await bundle.inbound.add('ingest-message', {}, { jobId: 'm-1', timestamp });
    await bundle.inbound.add('ingest-message', {}, { jobId: 'm-2', delay: 60_000 });
    await bundle.outbound.pause();
    await bundle.ledger.record([{ key: keyOf('1'), state: 'queued', at: bundle.clock.at }]);
    expect((await bundle.api('GET', '/queues')).body).toEqual([
      {
        name: 'polling',
        waiting: 0,
        active: 0,
        delayed: 0,
        failed: 0,
        completed: 0,
        paused: false,
        gatedForMs: 0,
        oldestAt: null,
      },
      {
        name: 'inbound',
        waiting: 1,
        active: 0,
        delayed: 1,
        failed: 0,
        completed: 0,
        paused: false,
        gatedForMs: 0,
        oldestAt: new Date(timestamp).toISOString(),
      },
      {
        name: 'outbound',
        waiting: 0,
        active: 0,
        delayed: 0,
        failed: 0,
        completed: 0,
        paused: true,
        gatedForMs: 0,
        oldestAt: null,
      },
    ]);
    expect((await bundle.api('GET', '/status')).body).toEqual({
      mailboxes: 2,
      folders: FOLDERS,
      sessions: { unfinished: 0, ids: [] },
      ledger: { queued: 1, prepared: 0, delivered: 0, skipped: 0, dead: 0 },
    });
  });
});
