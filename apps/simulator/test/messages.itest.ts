import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import { IMMUTABLE, startSimulator } from './start-simulator.ts';

const PDF = {
  name: 'invoice.pdf',
  kind: 'file',
  contentType: 'application/pdf',
  size: 48_000,
  isInline: false,
};
const ALL_KINDS = [
  PDF,
  { name: 'logo.png', kind: 'file', contentType: 'image/png', size: 900, isInline: true },
  { name: 'FW: invoice', kind: 'item', contentType: null, size: 12_000 },
  { name: 'portal', kind: 'reference', contentType: null, size: 700 },
];

const item = (id: string) => ({ id, method: 'GET', url: '/users/x' });

async function setup() {
  const started = await startSimulator();
  const user = `/v1.0/users/${started.mailbox.id}`;
  const get = (path: string, prefer = IMMUTABLE) =>
    started.call(path.startsWith('/users') ? `/v1.0${path}` : user + path, { headers: { prefer } });
  const inject = (properties: object = {}, more: object = {}) =>
    started.inject({ properties, ...more });
  const batch = (requests: object[], headers = {}) =>
    started.post('/v1.0/$batch', { requests }, headers);
  return { ...started, get, inject, batch };
}

describe('messages', () => {
  test('pages show a message as it is now, however often they showed it before', async () => {
    await using bundle = await setup();
    const messageId = await bundle.inject({ subject: 'Rechnung 1' });
    const path = '/mailFolders/inbox/messages';
    const query = '$select=subject,isRead';
    const look = async () => {
      const alone = await bundle.get(`${path}?${query}`);
      const url = `/users/${bundle.mailbox.id}${path}?${query}`;
      const { body } = await bundle.batch([
        { id: '1', method: 'GET', url, headers: { Prefer: IMMUTABLE } },
      ]);
      const delta = await bundle.get(`${path}/delta?${query}`);
      return [alone.body, body.responses[0].body, delta.body].map(({ value }) => value);
    };
    const same = { '@odata.etag': expect.any(String), id: messageId, subject: 'Rechnung 1' };
    const type = { '@odata.type': '#microsoft.graph.message' };
    const unread = { ...same, isRead: false };
    expect(await look()).toEqual([[unread], [unread], [{ ...type, ...unread }]]);
    await bundle.operate({
      op: 'update',
      messageId,
      isRead: true,
    });
    const read = { ...same, isRead: true };
    expect(await look()).toEqual([[read], [read], [{ ...type, ...read }]]);
  });

  test('gives a message with the selected properties, and with its body when nothing is selected', async () => {
    await using bundle = await setup();
    const id = await bundle.inject({ subject: 'Rechnung 1', attachments: [PDF] });
    const selected = await bundle.get(`/messages/${id}?$select=subject,hasAttachments`);
    expect(selected.body).toEqual({
      '@odata.context': expect.stringContaining('/messages/$entity'),
      '@odata.etag': expect.stringMatching(/^W\/".+"$/),
      id,
      subject: 'Rechnung 1',
      hasAttachments: true,
    });
    const whole = await bundle.get(`/messages/${id}`);
    expect(whole.body.body.contentType).toBe('html');
    expect(whole.body).not.toHaveProperty('uniqueBody');
    expect(whole.body.receivedDateTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const text = await bundle.get(
      `/messages/${id}?$select=body`,
      `${IMMUTABLE}, outlook.body-content-type="text"`,
    );
    expect(text.body.body.contentType).toBe('text');
  });

  test('names the property that a message does not have', async () => {
    await using bundle = await setup();
    const { status, body } = await bundle.get(
      `/messages/${await bundle.inject()}?$select=subject,sujet`,
    );
    expect([status, body.error.code]).toEqual([400, 'BadRequest']);
    expect(body.error.message).toContain("'sujet'");
  });

  test('gives other ids without the immutable preference, which then are the only ones it takes', async () => {
    await using bundle = await setup();
    const immutable = await bundle.inject();
    const [{ id: mutable }] = (await bundle.get('/mailFolders/inbox/messages', '')).body.value;
    expect(mutable).not.toBe(immutable);
    expect((await bundle.get(`/messages/${immutable}`, '')).body.error.code).toBe(
      'ErrorInvalidIdMalformed',
    );
    expect((await bundle.get(`/messages/${mutable}`, '')).status).toBe(200);
  });

  test('keeps the immutable id over a move; control: by the other it would be another message', async () => {
    await using bundle = await setup();
    const immutable = await bundle.inject();
    const idBy = async (prefer: string): Promise<string> =>
      (await bundle.get('/messages', prefer)).body.value[0].id;
    const mutable = await idBy('');
    await bundle.operate({
      op: 'move',
      messageId: immutable,
      folder: 'archive',
    });
    expect(await idBy(IMMUTABLE)).toBe(immutable);
    expect(await idBy('')).not.toBe(mutable);
    expect((await bundle.get(`/messages/${immutable}`)).status).toBe(200);
    expect((await bundle.get(`/messages/${mutable}`, '')).body.error.code).toBe(
      'ErrorItemNotFound',
    );
  });

  test('answers 404 as Graph does for what is not there', async () => {
    await using bundle = await setup();
    const id = await bundle.inject();
    await bundle.operate({
      op: 'delete',
      messageId: id,
    });
    const gone = await bundle.get(`/messages/${id}`);
    expect([gone.status, gone.body.error.code]).toEqual([404, 'ErrorItemNotFound']);
    expect(gone.headers.get('request-id')).toBe(gone.body.error.innerError['request-id']);
    const nobody = await bundle.get('/users/00000000-0000-4000-8000-000000000000/messages');
    expect([nobody.status, nobody.body.error.code]).toEqual([404, 'ResourceNotFound']);
  });

  test('refuses a request without a valid bearer token', async () => {
    await using bundle = await setup();
    for (const authorization of ['', 'Bearer wrong', 'Basic simulator-token']) {
      const { status, body } = await bundle.call('/v1.0/users', { headers: { authorization } });
      expect([status, body.error.code]).toEqual([401, 'InvalidAuthenticationToken']);
    }
  });

  test('gives a token to an app that proves itself, and takes it', async () => {
    await using bundle = await setup();
    const form = {
      client_id: 'app',
      scope: 'https://graph.microsoft.com/.default',
      grant_type: 'client_credentials',
    };
    const ask = (fields: object) =>
      bundle.call(`/${bundle.simulator.tenant.id}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({ ...form, ...fields }),
      });
    expect((await ask({ client_secret: 'wrong' })).body.error).toBe('invalid_client');
    const { body } = await ask({ client_secret: 'simulator-token' });
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    const headers = { authorization: `Bearer ${body.access_token}` };
    expect(
      (await bundle.call(`/v1.0/users/${bundle.mailbox.address}/messages`, { headers })).status,
    ).toBe(200);
  });
});

describe('listing', () => {
  test('pages through a window in order, by following nextLink', async () => {
    await using bundle = await setup();
    for (let day = 1; day <= 9; day += 1) {
      await bundle.inject({ subject: `${day}` }, { receivedAt: `2026-03-0${day}T12:00:00Z` });
    }
    const filter =
      '$filter=receivedDateTime ge 2026-03-02T00:00:00Z and receivedDateTime lt 2026-03-09T00:00:00Z';
    let path = `/mailFolders('inbox')/messages?$top=3&$select=subject&$orderby=receivedDateTime asc&${filter}`;
    const pages: string[][] = [];
    for (;;) {
      const { body } = path.startsWith('http') ? await bundle.call(path) : await bundle.get(path);
      pages.push(body.value.map(({ subject }: { subject: string }) => subject));
      path = body['@odata.nextLink'];
      if (!path) break;
    }
    expect(pages).toEqual([['2', '3', '4'], ['5', '6', '7'], ['8']]);
  });

  test('gives the newest ten by default and at most 1,000', async () => {
    await using bundle = await setup();
    for (let n = 0; n < 12; n += 1) await bundle.inject({ subject: `${n}` });
    const { body } = await bundle.get('/mailFolders/inbox/messages?$select=subject');
    expect([body.value.length, body.value[0].subject]).toEqual([10, '11']);
    expect((await bundle.get('/mailFolders/inbox/messages?$top=1001')).status).toBe(400);
  });

  test('refuses an order that the filter does not begin with', async () => {
    await using bundle = await setup();
    const { status, body } = await bundle.get(
      '/messages?$filter=isRead eq false&$orderby=receivedDateTime',
    );
    expect([status, body.error.code]).toEqual([400, 'InefficientFilter']);
  });
});

describe('attachments', () => {
  test('lists metadata of every kind, and content only when not selected away', async () => {
    await using bundle = await setup();
    const id = await bundle.inject({ attachments: ALL_KINDS });
    const { body } = await bundle.get(
      `/messages/${id}/attachments?$select=id,name,contentType,size,isInline`,
    );
    expect(
      body.value.map((a: Record<string, unknown>) => [a['@odata.type'], a['name'], a['isInline']]),
    ).toEqual([
      ['#microsoft.graph.fileAttachment', 'invoice.pdf', false],
      ['#microsoft.graph.fileAttachment', 'logo.png', true],
      ['#microsoft.graph.itemAttachment', 'FW: invoice', false],
      ['#microsoft.graph.referenceAttachment', 'portal', false],
    ]);
    expect(body.value[0]).not.toHaveProperty('contentBytes');
    const whole = (await bundle.get(`/messages/${id}/attachments`)).body.value;
    expect(Buffer.from(whole[0].contentBytes, 'base64').toString('latin1')).toMatch(/^%PDF/);
    expect((await bundle.get(`/messages/${id}/attachments?$select=contentBytes`)).status).toBe(400);
  });

  test('says that inline images are no attachments', async () => {
    await using bundle = await setup();
    const id = await bundle.inject({ attachments: ALL_KINDS.slice(1, 2) });
    const { body } = await bundle.get(`/messages/${id}?$select=hasAttachments,body`);
    expect(body.hasAttachments).toBe(false);
    expect(body.body.content).toContain('cid:');
    expect((await bundle.get(`/messages/${id}/attachments`)).body.value).toHaveLength(1);
  });

  test('gives the bytes of a file, and none of a link', async () => {
    await using bundle = await setup();
    const id = await bundle.inject({ attachments: ALL_KINDS });
    const { value } = (await bundle.get(`/messages/${id}/attachments?$select=id`)).body;
    const file = await bundle.get(`/messages/${id}/attachments/${value[0].id}/$value`);
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    expect((await bundle.get(`/messages/${id}/attachments/${value[3].id}/$value`)).status).toBe(
      405,
    );
  });
});

describe('$batch', () => {
  test('answers each item for itself, with its own headers', async () => {
    await using bundle = await setup();
    const id = await bundle.inject({ subject: 'x' });
    const url = `/users/${bundle.mailbox.id}/messages/${id}?$select=subject`;
    const { status, body } = await bundle.batch(
      [
        { id: '1', method: 'GET', url, headers: { Prefer: IMMUTABLE } },
        { id: '2', method: 'GET', url },
        { id: '3', method: 'GET', url: '/users/nobody/messages' },
      ],
      { prefer: IMMUTABLE },
    );
    expect(status).toBe(200);
    const byId = Object.fromEntries(
      body.responses.map((r: { id: string; status: number }) => [r.id, r.status]),
    );
    // The second did not inherit the preference of the envelope.
    expect(byId).toEqual({ 1: 200, 2: 400, 3: 404 });
    expect(body.responses.find((r: { id: string }) => r.id === '1').body.subject).toBe('x');
  });

  test('refuses more than 20 items, doubled ids, and what is no batch', async () => {
    await using bundle = await setup();
    const ids = Array.from({ length: 21 }, (_, n) => String(n));
    expect((await bundle.batch(ids.map(item))).status).toBe(400);
    expect((await bundle.batch(ids.slice(0, 20).map(item))).status).toBe(200);
    expect((await bundle.batch(['a', 'A'].map(item))).status).toBe(400);
    expect((await bundle.batch([])).status).toBe(400);
    expect((await bundle.batch([{ ...item('1'), method: 'POST', body: {} }])).status).toBe(400);
  });

  test('fails an item whose dependency has failed', async () => {
    await using bundle = await setup();
    const ok = { method: 'GET', url: `/users/${bundle.mailbox.id}` };
    const { body } = await bundle.batch([
      { id: '1', method: 'GET', url: '/users/nobody' },
      { id: '2', ...ok, dependsOn: ['1'] },
      { id: '3', ...ok },
      { id: '4', ...ok, dependsOn: ['3'] },
    ]);
    const statuses = body.responses.map((r: { status: number }) => r.status);
    expect(statuses).toEqual([404, 424, 200, 200]);
  });
});

describe('faults', () => {
  test('throttle, fail, and let go again on command', async () => {
    await using bundle = await setup();
    await bundle.fault('graph-429', { times: 1, retryAfterS: 7 });
    const throttled = await bundle.get('/messages');
    expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await bundle.get('/messages')).status).toBe(200);
    await bundle.fault('graph-5xx');
    const failed = await bundle.get('/messages');
    expect([failed.status, typeof failed.body]).toEqual([503, 'string']);
    await bundle.call('/control/faults', { method: 'DELETE' });
    await until(async () => (await bundle.get('/messages')).status === 200, {
      what: 'faults are over',
    });
  });
});
