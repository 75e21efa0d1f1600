import { describe, expect, test } from '@jest/globals';

import { GraphProtocolError, GraphResetError, MailboxGovernor } from '../src/index.ts';
import { error, setup } from './graph-server.ts';

const MAILBOX = '11111111-1111-4111-8111-111111111111';
const FOLDER = { mailboxId: MAILBOX, folderId: 'inbox', pageSize: 2 };

describe('a folder', () => {
  test('is proved to exist and to be ours to read, and no mail of it is asked for', async () => {
    const answers = [
      { body: { id: 'AAMk' } },
      error(403, 'ErrorAccessDenied'),
      error(404, 'ErrorItemNotFound'),
      error(404, 'ErrorInvalidUser'),
    ];
    await using bundle = await setup((_, index) => answers[index] ?? {});
    const probe = () => bundle.graph.folders.probe({ mailboxId: MAILBOX, folderId: 'a/b' });
    await probe();
    await expect(probe()).rejects.toMatchObject({ code: 'graph_forbidden' });
    await expect(probe()).rejects.toMatchObject({ code: 'graph_not_found' });
    await expect(probe()).rejects.toMatchObject({ code: 'graph_mailbox_missing' });
    const path = `/v1.0/users/${MAILBOX}/mailFolders/a%2Fb?$select=id`;
    expect(bundle.seen.map(({ url }) => url)).toEqual([path, path, path, path]);
  });
});

describe('delta', () => {
  test('asks for immutable ids and the page size on every call and gives $select on the first alone', async () => {
    const base = { origin: '' };
    const link = `/v1.0/users('${MAILBOX}')/mailFolders('inbox')/messages/delta`;
    await using bundle = await setup((_, index) => ({
      body:
        index === 0
          ? {
              value: [],
              '@odata.nextLink': `${base.origin}${link}?$skiptoken=b%2Bb&a=+1&$select=x`,
            }
          : { value: [{ id: 'm' }], '@odata.deltaLink': `${base.origin}${link}?$deltatoken=c` },
    }));
    base.origin = bundle.origin;
    const first = await bundle.graph.folders.deltaPage({ ...FOLDER, link: null });
    expect(first).toMatchObject({ messages: [], deltaLink: null });
    const second = await bundle.graph.folders.deltaPage({ ...FOLDER, link: first.nextLink });
    expect(second.messages).toHaveLength(1);
    expect(second).toMatchObject({
      nextLink: null,
      deltaLink: `${base.origin}${link}?$deltatoken=c`,
    });
    const [one, two] = bundle.seen;
    expect(one?.url).toMatch(
      `/v1.0/users/${MAILBOX}/mailFolders/inbox/messages/delta?$select=id,internetMessageId`,
    );
    // Byte for byte: the SDK alone would put its parameters into another order.
    expect(two?.url).toBe(`${link}?$skiptoken=b%2Bb&a=+1&$select=x`);
    for (const { headers } of bundle.seen) {
      expect(headers['prefer']).toBe('IdType="ImmutableId", odata.maxpagesize=2');
      expect(headers['client-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
    expect(bundle.weights).toEqual([{ [MAILBOX]: 1 }, { [MAILBOX]: 1 }]);
  });

  test.each([
    [error(410, 'SyncStateNotFound')],
    [error(410, '', { location: 'https://evil.example/v1.0/delta?$deltatoken=' })],
    [error(400, 'syncStateNotFound')],
    [error(404, 'ResyncRequired')],
  ])('tells that the position is lost, whichever way Graph says it: %#', async (answer) => {
    await using bundle = await setup(() => answer);
    const link = `${bundle.origin}/v1.0/users/${MAILBOX}/mailFolders/inbox/messages/delta?$deltatoken=old`;
    await expect(bundle.graph.folders.deltaPage({ ...FOLDER, link })).rejects.toThrow(
      GraphResetError,
    );
    expect(bundle.seen).toHaveLength(1);
  });

  test.each([
    ['HTML', { body: '<html>' }],
    ['nothing', { body: '' }],
    ['a cut-off page', { body: '{"value":[{"id":' }],
    ['no list', { body: { value: {} } }],
    ['an item without an id', { body: { value: [{ subject: 's' }] } }],
  ])('takes %s with status 200 for no page', async (_, answer) => {
    await using bundle = await setup(() => answer);
    await expect(bundle.graph.folders.deltaPage({ ...FOLDER, link: null })).rejects.toThrow(
      GraphProtocolError,
    );
  });

  test('keeps the id of a message it cannot read, and the last of several versions of one', async () => {
    await using bundle = await setup(() => ({
      body: {
        value: [
          { id: 'odd', subject: { not: 'a text' } },
          { id: 'twice', subject: 'first' },
          { id: 'twice', subject: 'second' },
          { id: 'gone', '@removed': { reason: 'deleted' } },
          { id: 'back', '@removed': { reason: 'deleted' } },
          { id: 'back', subject: 'here again' },
        ],
      },
    }));
    const { messages, removed } = await bundle.graph.folders.deltaPage({ ...FOLDER, link: null });
    expect(messages.map(({ id, message }) => [id, message?.subject])).toEqual([
      ['odd', null],
      ['twice', 'second'],
      ['back', 'here again'],
    ]);
    expect(removed).toEqual(['gone']);
  });
});

describe('listing', () => {
  test('asks for the window and orders by what it filters by', async () => {
    await using bundle = await setup(() => ({ body: { value: [] } }));
    await bundle.graph.folders.listPage({
      ...FOLDER,
      link: null,
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-02-01T00:00:00.000Z',
    });
    const url = new URL(bundle.seen[0]?.url ?? '', bundle.origin);
    expect(url.searchParams.get('$filter')).toBe(
      'receivedDateTime ge 2026-01-01T00:00:00.000Z and receivedDateTime lt 2026-02-01T00:00:00.000Z',
    );
    expect(url.searchParams.get('$orderby')).toBe('receivedDateTime');
  });

  test('reads what a mailbox received, newest first, whatever folder it is in', async () => {
    await using bundle = await setup(() => ({ body: { value: [] } }));
    const window = { from: '2026-01-01T00:00:00.000Z', to: null };
    await bundle.graph.folders.recentPage({
      mailboxId: MAILBOX,
      link: null,
      pageSize: 500,
      ...window,
    });
    const url = new URL(bundle.seen[0]?.url ?? '', bundle.origin);
    expect(url.pathname).toBe(`/v1.0/users/${MAILBOX}/messages`);
    expect(url.searchParams.get('$orderby')).toBe('receivedDateTime desc');
    expect(url.searchParams.get('$top')).toBe('500');
  });

  test('asks for half a page when Graph took too long over a whole one', async () => {
    await using bundle = await setup((_, index) =>
      index < 2 ? error(504, 'UnknownError') : { body: { value: [] } },
    );
    await bundle.graph.folders.listPage({
      ...FOLDER,
      pageSize: 200,
      link: null,
      from: null,
      to: null,
    });
    expect(
      bundle.seen.map(({ url }) => new URL(url, bundle.origin).searchParams.get('$top')),
    ).toEqual(['200', '100', '50']);
    expect(bundle.seen.at(-1)?.headers['prefer']).toContain('odata.maxpagesize=50');
    await using never = await setup(() => error(504, 'UnknownError'));
    await expect(
      never.graph.folders.deltaPage({ ...FOLDER, pageSize: 100, link: null }),
    ).rejects.toMatchObject({ code: 'graph_timeout' });
    expect(never.seen.map(({ headers }) => headers['prefer'])).toEqual(
      [100, 50, 25, 1].map((size) => `IdType="ImmutableId", odata.maxpagesize=${size}`),
    );
  });
});

describe('calls', () => {
  test('drops a refused token and tries once more with another, not twice', async () => {
    await using bundle = await setup(({ headers }) =>
      headers.authorization === 'Bearer token-1'
        ? error(401, 'InvalidAuthenticationToken')
        : {
            body: { value: [] },
          },
    );
    await bundle.graph.folders.deltaPage({ ...FOLDER, link: null });
    expect(bundle.dropped).toEqual(['token-1']);
    expect(bundle.seen).toHaveLength(2);
    await using hopeless = await setup(() => error(401, 'InvalidAuthenticationToken'));
    await expect(hopeless.graph.folders.deltaPage({ ...FOLDER, link: null })).rejects.toMatchObject(
      { code: 'graph_auth' },
    );
    expect(hopeless.seen).toHaveLength(2);
  });

  test('control: where a refused token is kept, every call is refused until the process ends', async () => {
    const tokens = { token: async () => 'token-1', drop: () => undefined };
    await using bundle = await setup(
      ({ headers }) =>
        headers.authorization === 'Bearer token-1'
          ? error(401, 'InvalidAuthenticationToken')
          : { body: { value: [] } },
      { tokens },
    );
    const read = () => bundle.graph.folders.deltaPage({ ...FOLDER, link: null });
    for (let times = 0; times < 2; times += 1) {
      await expect(read()).rejects.toMatchObject({ code: 'graph_auth' });
    }
  });

  test('tries what failed transiently up to three times, and nothing else again', async () => {
    await using flaky = await setup((_, index) =>
      index < 2 ? error(500, 'generalException') : { body: { value: [] } },
    );
    await flaky.graph.folders.deltaPage({ ...FOLDER, link: null });
    expect(flaky.seen).toHaveLength(3);
    for (const answer of [
      error(429, 'ApplicationThrottled'),
      error(503, 'ErrorMailboxMoveInProgress'),
      error(403, 'ErrorAccessDenied'),
    ]) {
      await using bundle = await setup(() => answer);
      await expect(bundle.graph.folders.deltaPage({ ...FOLDER, link: null })).rejects.toMatchObject(
        { status: answer.status },
      );
      expect(bundle.seen).toHaveLength(1);
    }
    // Of a page it may be one message's: a page of one is asked for.
    await using refused = await setup(() => error(400, 'BadRequest'));
    await expect(refused.graph.folders.deltaPage({ ...FOLDER, link: null })).rejects.toMatchObject({
      status: 400,
    });
    expect(refused.seen).toHaveLength(2);
  });

  test('says nothing of what Graph wrote about people', async () => {
    await using bundle = await setup(() => error(404, 'ErrorItemNotFound'));
    const reason = await bundle.graph.folders
      .deltaPage({ ...FOLDER, link: null })
      .catch((failure: unknown) => failure);
    expect(JSON.stringify([String(reason), reason])).not.toContain('example.com');
  });

  test('ends with the reason of its signal', async () => {
    await using bundle = await setup(() => ({ body: { value: [] } }));
    const signal = AbortSignal.abort(new Error('stopping'));
    await expect(bundle.graph.folders.deltaPage({ ...FOLDER, link: null, signal })).rejects.toThrow(
      'stopping',
    );
    expect(bundle.seen).toHaveLength(0);
  });
});

describe('subscriptions', () => {
  const SUBSCRIPTION = {
    id: 's-1',
    resource: `users/${MAILBOX}/mailFolders('inbox')/messages`,
    changeType: 'created',
    notificationUrl: 'https://example.com/webhooks/graph',
    clientState: null,
    expirationDateTime: '2026-01-08T00:00:00.0000000Z',
  };

  test('asks for immutable ids, lifecycle events and new mail only, and trusts the granted expiry', async () => {
    await using bundle = await setup(() => ({ status: 201, body: SUBSCRIPTION }));
    const created = await bundle.graph.subscriptions.create({
      mailboxId: MAILBOX,
      folderId: 'inbox',
      notificationUrl: SUBSCRIPTION.notificationUrl,
      clientState: 'secret',
      expiresAt: Date.parse('2026-02-01T00:00:00Z'),
    });
    expect(created).toMatchObject({ id: 's-1', expiresAt: Date.parse('2026-01-08T00:00:00Z') });
    expect(bundle.seen[0]?.headers['prefer']).toContain('IdType="ImmutableId"');
    expect(bundle.seen[0]?.body).toEqual({
      changeType: 'created',
      notificationUrl: SUBSCRIPTION.notificationUrl,
      lifecycleNotificationUrl: SUBSCRIPTION.notificationUrl,
      resource: SUBSCRIPTION.resource,
      expirationDateTime: '2026-02-01T00:00:00.000Z',
      clientState: 'secret',
      latestSupportedTlsVersion: 'v1_2',
    });
  });

  test('asks for the message in each notification where there is a certificate, and names it with every renewal', async () => {
    const encryption = { id: 'certificate-1', base64: 'MII=' };
    await using bundle = await setup(() => ({ body: SUBSCRIPTION }), { encryption });
    await bundle.graph.subscriptions.create({
      mailboxId: MAILBOX,
      folderId: 'inbox',
      notificationUrl: SUBSCRIPTION.notificationUrl,
      clientState: 'secret',
      expiresAt: 1,
    });
    await bundle.graph.subscriptions.renew('s-1', 2);
    const named = { encryptionCertificate: 'MII=', encryptionCertificateId: 'certificate-1' };
    const [create, renew] = bundle.seen.map(({ body }) => body as Record<string, unknown>);
    expect(create).toMatchObject({ includeResourceData: true, ...named });
    expect(create?.['resource']).toMatch(/messages\?\$select=id,internetMessageId,/);
    // Graph refuses them (docs/graph-contract.md#subscription-limits).
    expect(create?.['resource']).not.toMatch(/[,=](body|uniqueBody|attachments)\b(?!Preview)/);
    expect(renew).toEqual({ expirationDateTime: '1970-01-01T00:00:00.002Z', ...named });
  });

  test('lists all pages', async () => {
    const base = { origin: '' };
    await using bundle = await setup((_, index) => ({
      body: {
        value: [SUBSCRIPTION],
        ...(index === 0 && { '@odata.nextLink': `${base.origin}/v1.0/subscriptions?$skiptoken=1` }),
      },
    }));
    base.origin = bundle.origin;
    expect(await bundle.graph.subscriptions.list()).toHaveLength(2);
  });

  test('are all listed where some of one cannot be read, and one that names no URL is none of ours', async () => {
    const odd = {
      id: 's-2',
      resource: 7,
      changeType: null,
      notificationUrl: {},
      lifecycleNotificationUrl: [],
    };
    await using bundle = await setup(() => ({ body: { value: [odd, SUBSCRIPTION] } }));
    expect(await bundle.graph.subscriptions.list()).toMatchObject([
      { id: 's-2', notificationUrl: '' },
      { id: 's-1', notificationUrl: SUBSCRIPTION.notificationUrl },
    ]);
  });

  test('live as long as was asked for where Graph does not say how long in a way that can be read', async () => {
    await using bundle = await setup(() => ({
      body: { ...SUBSCRIPTION, expirationDateTime: 'soon' },
    }));
    expect(await bundle.graph.subscriptions.renew('s-1', 2_000)).toMatchObject({
      expiresAt: 2_000,
    });
  });

  test('tells a renewal that came too late apart from one that failed', async () => {
    await using gone = await setup(() => error(404, 'ResourceNotFound'));
    expect(await gone.graph.subscriptions.renew('s-1', 1)).toBeNull();
    await expect(gone.graph.subscriptions.remove('s-1')).resolves.toBeUndefined();
    await using refused = await setup(() => error(400, 'InvalidRequest'));
    await expect(refused.graph.subscriptions.renew('s-1', 1)).rejects.toMatchObject({
      code: 'graph_request',
    });
  });
});

test('Graph is asked again as soon as there are permits, however long there were none', async () => {
  const store = { isAway: true };
  const governor = new MailboxGovernor({
    clock: { now: () => 0 },
    permits: {
      limits: { slots: 4, windowRequests: 10_000, windowMs: 600_000 },
      async acquire({ permits }) {
        if (store.isAway) throw new Error('Connection is closed.');
        const release = async () => undefined;
        return { granted: true, permits, probe: false, parked: false, used: 0, release };
      },
      hold: async () => 0,
    },
  });
  await using bundle = await setup(() => ({ body: { id: 'AAMk' } }), { governor });
  const probe = () => bundle.graph.folders.probe(FOLDER);
  for (let n = 0; n < 30; n += 1) {
    await expect(probe()).rejects.toMatchObject({ code: 'graph_transient', status: null });
  }
  store.isAway = false;
  await probe();
  expect(bundle.seen).toHaveLength(1);
});
