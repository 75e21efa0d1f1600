import { describe, expect, test } from '@jest/globals';
import { folderKey } from '@ms1/contracts';
import { GraphPermits } from '@ms1/coordination';

import { FOLDERS, MAILBOXES, consoleBundle as setup, TENANT, TOKENS } from './console-bundle.ts';

const [FIRST = '', SECOND = ''] = MAILBOXES;
const NEW = '33333333-1111-4111-8111-111111111111';
const RULES = { senders: { deny: ['canary@supplier.example'] } };

test('GET /api/daily tells what became of mail by day and mailbox, page by page', async () => {
  await using bundle = await setup();
  const { tallies, clock } = bundle;
  const [one = '', two = ''] = MAILBOXES;
  const count = (mailboxId: string, counted: 'read' | 'delivered' | 'late', by: number) =>
    tallies.add([{ mailboxId, counted, by }]);
  clock.at = Date.parse('2026-11-28T12:00:00Z');
  await count(one, 'read', 5);
  clock.at = Date.parse('2026-11-30T12:00:00Z');
  await count(one, 'read', 2);
  await count(one, 'delivered', 1);
  await count(two, 'late', 1);
  const seen: unknown[] = [];
  let next: string | undefined = '/daily?limit=1';
  while (next !== undefined) {
    const { body, headers } = await bundle.api('GET', next);
    seen.push(...(body as unknown as object[]));
    next = /<\/api([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
  }
  expect(seen).toMatchObject([
    { day: '2026-11-30', mailboxId: one, received: 2, delivered: 1, late: 0 },
    { day: '2026-11-30', mailboxId: two, received: 0, late: 1 },
    { day: '2026-11-28', mailboxId: one, received: 5, delivered: 0 },
  ]);
});

describe('/api/mailboxes', () => {
  test('tells state, folders and how fresh each is', async () => {
    await using bundle = await setup();
    const { yields, subscriptions, auditStore, clock } = bundle;
    const folder = { mailboxId: FIRST, folderId: 'inbox' };
    const expiresAt = new Date(clock.at + 86_400_000).toISOString();
    await yields.record(folder, { announced: 3, unannounced: 1, lateMs: 4_500 });
    await yields.askRebuild(folder);
    await subscriptions.put({
      ...folder,
      subscriptionId: 'subscription-1',
      tenantId: TENANT,
      clientState: 'canary-client-state',
      expiresAt,
      notificationUrl: 'https://hooks.example/canary',
    });
    const at = new Date(clock.at).toISOString();
    await auditStore.report(null, folder, {
      at,
      from: null,
      to: null,
      listed: 3,
      counts: { delivered: 1, skipped: 0, dead: 0, inFlight: 0, unexplained: 2 },
      reasons: {},
      repaired: 0,
      witnesses: [],
    });
    await bundle.api('POST', '/sessions', { name: 'a', mailboxes: [FIRST] });
    const permits = new GraphPermits(bundle.redis);
    const asked = { mailboxId: FIRST, permits: 1, requests: 41, live: true };
    const permit = await permits.acquire(asked);
    if (permit.granted) await permit.release();
    const { status, body } = await bundle.api('GET', `/mailboxes/${FIRST.toUpperCase()}`);
    expect([status, body]).toMatchObject([
      200,
      {
        mailboxId: FIRST,
        tenantId: TENANT,
        state: 'active',
        origin: 'config',
        sessionId: expect.any(String),
        requests: { used: 41, most: 10_000, seconds: 600 },
        troubles: [
          { code: 'not_announced', text: expect.stringContaining('1 of its 2 folders has no') },
          { code: 'unexplained', remedy: expect.stringContaining('put back') },
        ],
        folders: [
          {
            folderId: 'inbox',
            walkedAt: at,
            push: {
              announced: 3,
              unannounced: 1,
              lateSeconds: 1.5,
              walkedSoonerUntil: null,
              rebuiltAt: at,
            },
            subscription: { id: 'subscription-1', expiresAt },
            audited: { unexplained: 2 },
          },
          { folderId: FOLDERS[1], walkedAt: null, push: null, subscription: null, audited: null },
        ],
      },
    ]);
    const listed = await bundle.api('GET', '/subscriptions');
    expect(listed.body).toMatchObject([{ subscriptionId: 'subscription-1', mailboxId: FIRST }]);
    expect(JSON.stringify([body, listed.body])).not.toContain('canary');
    expect(folderKey(folder)).toHaveLength(22);
  });

  test('a mailbox is added, changed, paused, resumed and removed, and this console follows at once', async () => {
    await using bundle = await setup();
    const path = `/mailboxes/${NEW}`;
    const added = await bundle.api('POST', '/mailboxes', { mailboxId: NEW, label: 'Scanner' });
    expect([added.status, added.headers.get('location')]).toEqual([201, `/api${path}`]);
    expect(added.body).toMatchObject({ tenantId: TENANT, state: 'active', origin: 'api' });
    // It may be asked for from now on.
    const asked = await bundle.api('POST', '/sessions', { name: 'new', mailboxes: [NEW] });
    expect(asked.status).toBe(201);

    const changed = await bundle.api('PATCH', path, { folders: ['archive'], rules: RULES });
    expect(changed.body).toMatchObject({ label: 'Scanner', rules: RULES });
    expect(bundle.watched.current.foldersOf(NEW)).toMatchObject([{ folderId: 'archive' }]);
    expect((await bundle.api('POST', `${path}/pause`)).body).toMatchObject({ state: 'paused' });
    expect((await bundle.api('POST', `${path}/resume`)).body).toMatchObject({ state: 'active' });
    expect((await bundle.api('DELETE', path)).body).toMatchObject({ state: 'removed' });
    expect(bundle.watched.current.isListed(NEW)).toBe(false);
    const ids = async (query = '') =>
      (
        (await bundle.api('GET', `/mailboxes${query}`)).body as unknown as { mailboxId: string }[]
      ).map(({ mailboxId }) => mailboxId);
    expect(await ids()).toEqual([FIRST, SECOND]);
    expect(await ids('?state=removed')).toEqual([NEW]);
    for (const step of ['pause', 'resume']) {
      expect((await bundle.api('POST', `${path}/${step}`)).status).toBe(409);
    }
    expect((await bundle.api('PATCH', path, { label: 'x' })).status).toBe(409);
    expect((await bundle.api('POST', '/mailboxes', { mailboxId: NEW })).status).toBe(201);
  });

  test('refuses what is there, what is not, what somebody changed meanwhile, and what no mailbox is', async () => {
    await using bundle = await setup();
    const refused = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) => {
      const answer = await bundle.api(method, path, body);
      return [answer.status, answer.body['type']];
    };
    const there = await refused('POST', '/mailboxes', { mailboxId: FIRST });
    expect(there).toEqual([409, 'mailbox_exists']);
    const stale = { label: 'x', ifRevision: 1 };
    expect(await refused('PATCH', `/mailboxes/${FIRST}`, stale)).toEqual([409, 'mailbox_changed']);
    for (const [method, path] of [
      ['PATCH', `/mailboxes/${NEW}`],
      ['POST', `/mailboxes/${NEW}/pause`],
      ['DELETE', `/mailboxes/${NEW}`],
    ] as const) {
      expect((await refused(method, path))[0]).toBe(404);
    }
    for (const body of [
      { mailboxId: 'ap@company.example' },
      { mailboxId: NEW, state: 'removed' },
      { mailboxId: NEW, folders: [] },
      { mailboxId: NEW, origin: 'config' },
    ]) {
      expect((await refused('POST', '/mailboxes', body))[0]).toBe(400);
    }
    expect((await bundle.directory.list()).entries).toHaveLength(2);
  });

  test('ten additions at once make one mailbox', async () => {
    await using bundle = await setup();
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => bundle.api('POST', '/mailboxes', { mailboxId: NEW })),
    );
    const statuses = replies.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });

  test('rules hold addresses: readers do not see them, and the operator log keeps none', async () => {
    await using bundle = await setup();
    const canary = { mailboxId: NEW, label: 'Canary Name', rules: RULES };
    await bundle.api('POST', '/mailboxes', canary);
    const seenBy = async (role: 'reader' | 'operator') =>
      (
        await bundle.api('GET', `/mailboxes/${NEW}`, undefined, {
          authorization: `Bearer ${TOKENS[role]}`,
        })
      ).body['rules'];
    expect(await seenBy('reader')).toBeNull();
    expect(await seenBy('operator')).toEqual(RULES);
    const log = JSON.stringify(await bundle.operators.list());
    expect(log).toContain('"rules":["senders"]');
    expect(log).not.toMatch(/canary|Canary/);
  });

  test('comes in pages, and tenants are counted', async () => {
    await using bundle = await setup();
    const first = await bundle.api('GET', '/mailboxes?limit=1');
    const path = /^<\/api(.*)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await bundle.api('GET', path);
    expect(second.body).toMatchObject([{ mailboxId: SECOND }]);
    expect(second.headers.has('link')).toBe(false);
    await bundle.api('POST', `/mailboxes/${FIRST}/pause`);
    expect((await bundle.api('GET', '/tenants')).body).toEqual([
      { tenantId: TENANT, mailboxes: { active: 1, paused: 1, removed: 0 } },
    ]);
  });

  test('asking for a renewal twice is asking once', async () => {
    await using bundle = await setup();
    for (let n = 0; n < 2; n += 1) {
      expect((await bundle.api('POST', '/subscriptions/renew')).body).toEqual({ asked: true });
    }
    const jobs = await bundle.polling.getJobs(['waiting']);
    expect(jobs.map(({ name }) => name)).toEqual(['renew-subscriptions']);
  });
});
