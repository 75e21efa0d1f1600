import { describe, expect, test } from '@jest/globals';

import type { SimulatorOptions } from '../src/simulator.ts';
import { IMMUTABLE, startSimulator } from './start-simulator.ts';

const FIELDS = '$select=id,name,contentType,size,isInline,lastModifiedDateTime';
const METADATA = `$expand=attachments(${FIELDS})`;
const FOLDER = '/mailFolders/inbox/messages';
const PDF = { kind: 'file', name: 'invoice.pdf', contentType: 'application/pdf', size: 48_000 };
const FILES = [
  { ...PDF, isInline: false },
  { kind: 'file', name: 'logo.png', contentType: 'image/png', size: 900, isInline: true },
  { kind: 'item', name: 'FW: invoice', contentType: null, size: 12_000, isInline: false },
];
/** the same as Graph says it, when asked for nothing but METADATA */
const SHOWN = FILES.map(({ kind, ...rest }) => ({
  '@odata.type': `#microsoft.graph.${kind}Attachment`,
  id: expect.any(String),
  lastModifiedDateTime: expect.stringMatching(/Z$/),
  ...rest,
}));

async function setup(options: Partial<SimulatorOptions> = {}) {
  const started = await startSimulator(options);
  const user = `/users/${started.mailbox.id}`;
  const headers = { prefer: IMMUTABLE };
  const get = (path: string) =>
    started.call(path.startsWith('http') ? path : `/v1.0${user}${path}`, { headers });
  return {
    ...started,
    get,
    /** the status of an answer, and what its error says */
    refusal: async (path: string) => {
      const { status, body } = await get(path);
      return [status, body.error?.code, body.error?.message];
    },
    /** the same request as the only item of a $batch */
    inBatch: async (path: string) => {
      const requests = [{ id: '1', method: 'GET', url: user + path, headers }];
      return (await started.post('/v1.0/$batch', { requests })).body.responses[0];
    },
    inject: async (subject: string, attachments: object[] = FILES, more: object = {}) =>
      encodeURIComponent(
        await started.inject({ announced: false, properties: { subject, attachments }, ...more }),
      ),
  };
}

describe('attachments, expanded with a nested $select', () => {
  test.each([['/messages'], [FOLDER]])('come without bytes in %s', async (path) => {
    await using bundle = await setup();
    await bundle.inject('files');
    await bundle.inject('none', []);
    const query = `${path}?$select=subject&${METADATA}`;
    // Twice: what was shown before is kept.
    for (const { body } of [await bundle.get(query), await bundle.get(query)]) {
      expect(body.value).toMatchObject([
        { subject: 'none', attachments: [] },
        { subject: 'files', attachments: SHOWN },
      ]);
      expect(body.value[1].attachments).toEqual(SHOWN);
    }
    expect((await bundle.get(`${path}?$select=subject`)).body.value[1]).not.toHaveProperty(
      'attachments',
    );
  });

  test('come with a message, alone and as an item of a $batch', async () => {
    await using bundle = await setup();
    const path = `/messages/${await bundle.inject('files')}?$select=subject&${METADATA}`;
    for (const { body } of [await bundle.get(path), await bundle.inBatch(path)]) {
      expect([body.subject, body.attachments]).toEqual(['files', SHOWN]);
    }
  });

  test('come on every page, by the link', async () => {
    await using bundle = await setup();
    for (const day of ['01', '02', '03', '04']) {
      const receivedAt = `2026-03-${day}T12:00:00Z`;
      await bundle.inject(day, day === '03' ? FILES.slice(1, 2) : FILES, { receivedAt });
    }
    const window =
      'receivedDateTime ge 2026-03-02T00:00:00Z and receivedDateTime le 2026-03-05T00:00:00Z';
    const order = '$orderby=receivedDateTime';
    const query = `$filter=${window} and hasAttachments eq true&${order}&$top=1`;
    const first = (await bundle.get(`${FOLDER}?${query}&${METADATA}`)).body;
    const second = (await bundle.get(first['@odata.nextLink'])).body;
    expect(second).not.toHaveProperty(['@odata.nextLink']);
    // The third has an inline file only, which is no attachment to `hasAttachments`.
    expect([...first.value, ...second.value]).toMatchObject([
      { subject: '02', attachments: SHOWN },
      { subject: '04', attachments: SHOWN },
    ]);
    const turned = `$filter=hasAttachments eq true and ${window}&${order}`;
    const [status, code] = await bundle.refusal(`${FOLDER}?${turned}&${METADATA}`);
    expect([status, code]).toEqual([400, 'InefficientFilter']);
  });

  test('are no work of bytes: 30 MB of them are no reason for a 504', async () => {
    await using bundle = await setup();
    await bundle.inject('scan', [{ ...PDF, size: 31_000_000 }]);
    expect((await bundle.get(`/messages?${METADATA}`)).status).toBe(200);
    expect((await bundle.get('/messages?$expand=attachments')).status).toBe(504);
  });

  test('are one request of the quota for a whole page, and one of four in flight', async () => {
    await using bundle = await setup({ windowRequests: 5, graphLatencyMs: 200 });
    await Promise.all(['a', 'b', 'c'].map((subject) => bundle.inject(subject)));
    const pages = () =>
      Promise.all(Array.from({ length: 5 }, () => bundle.get(`/messages?${METADATA}`)));
    const statuses = (await pages()).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    expect((await bundle.call('/control/usage')).body.mailboxes).toMatchObject([
      { units: { page: 5 }, quotaUnits: 5, refused: { inFlight: 1, requests: 0 } },
    ]);
    expect((await bundle.get(`/messages?${METADATA}`)).status).toBe(429);
  });
});

describe('attachments, expanded otherwise', () => {
  test.each([['/messages'], ['/messages/:id']])('come with bytes in %s', async (path) => {
    await using bundle = await setup();
    const id = await bundle.inject('files', [PDF]);
    const { body } = await bundle.get(`${path.replace(':id', id)}?$expand=attachments`);
    const [{ contentBytes }] = (body.value?.[0] ?? body).attachments;
    expect(Buffer.from(contentBytes, 'base64').toString('latin1')).toMatch(/^%PDF/);
  });

  test.each([
    ['attachments($select=id,contentId)', 'contentId', 'microsoft.graph.attachment'],
    ['attachments($select=contentBytes)', 'contentBytes', 'microsoft.graph.attachment'],
    ['files', 'files', 'microsoft.graph.message'],
  ])('are refused as %s', async (expand, name, type) => {
    await using bundle = await setup();
    const id = await bundle.inject('files');
    const text = `Could not find a property named '${name}' on type '${type}'.`;
    for (const path of ['/messages', FOLDER, `/messages/${id}`, `${FOLDER}/delta`]) {
      expect(await bundle.refusal(`${path}?$expand=${expand}`)).toEqual([
        400,
        'RequestBroker--ParseUri',
        text,
      ]);
    }
    expect((await bundle.inBatch(`/messages?$expand=${expand}`)).body.error.message).toBe(text);
    expect((await bundle.get('/messages?$expand=attachments($top=1)')).status).toBe(400);
  });

  test('come with bytes in delta, whatever was selected of them, page after page', async () => {
    await using bundle = await setup();
    for (const subject of ['a', 'b']) await bundle.inject(subject, [PDF]);
    const first = (await bundle.get(`${FOLDER}/delta?$select=subject&$top=1&${METADATA}`)).body;
    const second = (await bundle.get(first['@odata.nextLink'])).body;
    const bytes = { name: 'invoice.pdf', contentBytes: expect.any(String), contentId: null };
    expect([...first.value, ...second.value]).toMatchObject([
      { subject: 'a', attachments: [bytes] },
      { subject: 'b', attachments: [bytes] },
    ]);
    await bundle.inject('large', [{ ...PDF, size: 31_000_000 }]);
    expect((await bundle.get(`${FOLDER}/delta?${METADATA}&$top=50`)).status).toBe(504);
    expect((await bundle.get(`${FOLDER}/delta?$top=50`)).status).toBe(200);
  });
});

describe('faults of expanding', () => {
  test('504 above so many messages, and down to a single one', async () => {
    await using bundle = await setup();
    const ids = [await bundle.inject('a'), await bundle.inject('b'), await bundle.inject('c')];
    const status = async (path: string) => (await bundle.get(path)).status;
    await bundle.fault('graph-expand-504', { max: 2 });
    expect(await bundle.refusal(`/messages?${METADATA}`)).toEqual([504, 'UnknownError', '']);
    expect(await status(`/messages?$top=2&${METADATA}`)).toBe(200);
    expect(await status('/messages')).toBe(200);
    await bundle.fault('graph-expand-504', { max: 0 });
    expect(await status(`/messages?$top=1&${METADATA}`)).toBe(504);
    expect(await status(`/messages/${ids[0]}?${METADATA}`)).toBe(504);
    expect((await bundle.inBatch(`/messages/${ids[0]}?${METADATA}`)).status).toBe(504);
    expect(await status(`/messages/${ids[0]}/attachments?${FIELDS}`)).toBe(200);
    expect(await status(`/mailFolders/archive/messages?${METADATA}`)).toBe(200);
  });

  test('504 for whatever page holds one message', async () => {
    await using bundle = await setup();
    const ids = [
      await bundle.inject('a'),
      await bundle.inject('too much'),
      await bundle.inject('c'),
    ];
    await bundle.fault('graph-expand-504', { match: 'too much' });
    const paths = [
      ...['$top=1', '$top=2', '$top=1&$skip=2'].map((page) => `/messages?${page}&${METADATA}`),
      ...ids.map((id) => `/messages/${id}?${METADATA}`),
    ];
    const answers = await Promise.all(paths.map(bundle.get));
    expect(answers.map(({ status }) => status)).toEqual([200, 504, 200, 200, 504, 200]);
  });

  test('400, only where something is expanded', async () => {
    await using bundle = await setup();
    const id = await bundle.inject('a');
    await bundle.fault('graph-expand-400', { mailboxId: bundle.mailbox.id });
    for (const path of ['/messages', `/messages/${id}`]) {
      expect(await bundle.refusal(`${path}?${METADATA}`)).toEqual([
        400,
        'ErrorInvalidUrlQuery',
        expect.stringContaining("'$expand'"),
      ]);
      expect((await bundle.get(path)).status).toBe(200);
    }
    const other = bundle.simulator.tenant.mailboxes[1]?.id;
    expect((await bundle.call(`/v1.0/users/${other}/messages?${METADATA}`)).status).toBe(200);
  });

  test('bytes after all, or no attachments at all; and as before when that is over', async () => {
    await using bundle = await setup();
    const id = await bundle.inject('a', [PDF]);
    const look = async () => [
      ...(await bundle.get(`${FOLDER}?$select=hasAttachments&${METADATA}`)).body.value,
      (await bundle.get(`/messages/${id}?$select=hasAttachments&${METADATA}`)).body,
    ];
    await bundle.fault('graph-expand-bytes', { times: 2 });
    const bytes = { attachments: [{ name: PDF.name, contentBytes: expect.any(String) }] };
    expect(await look()).toMatchObject([bytes, bytes]);
    await bundle.fault('graph-expand-missing', { times: 2 });
    for (const message of await look()) {
      expect(message).toMatchObject({ hasAttachments: true });
      expect(message).not.toHaveProperty('attachments');
    }
    for (const { attachments } of await look()) expect(attachments).toEqual([SHOWN[0]]);
  });

  test('the rest of the attachments by a link of their own', async () => {
    await using bundle = await setup();
    await bundle.inject('three');
    await bundle.inject('one', [PDF]);
    await bundle.fault('graph-expand-paged');
    const link = 'attachments@odata.nextLink';
    const [one, three] = (await bundle.get(`/messages?$select=subject&${METADATA}`)).body.value;
    expect(one).not.toHaveProperty([link]);
    expect(three.attachments).toEqual(SHOWN.slice(0, 1));
    const rest = await bundle.get(three[link]);
    expect(rest.body.value).toEqual(SHOWN.slice(1));
    await bundle.fault('graph-expand-paged', { max: 2 });
    const { body } = await bundle.get(`/messages/${encodeURIComponent(three.id)}?${METADATA}`);
    expect(body.attachments).toEqual(SHOWN.slice(0, 2));
    expect((await bundle.get(body[link])).body.value).toEqual(SHOWN.slice(2));
  });
});

describe('the time an answer takes', () => {
  const timeOf = async (work: () => Promise<unknown>): Promise<number> => {
    const begunAt = performance.now();
    await work();
    return performance.now() - begunAt;
  };

  test('grows by the message, wherever messages come', async () => {
    await using bundle = await setup({ graphMessageMs: 40 });
    const [id] = [await bundle.inject('a'), await bundle.inject('b'), await bundle.inject('c')];
    for (const [path, messages] of [
      ['/messages', 3],
      [`${FOLDER}?$top=2&${METADATA}`, 2],
      [`${FOLDER}/delta`, 3],
      [`/messages/${id}`, 1],
    ] as const) {
      // A timer may be a millisecond early.
      expect(await timeOf(() => bundle.get(path))).toBeGreaterThan(messages * 40 - 2);
    }
    await bundle.fault('graph-message-latency', { ms: 40 });
    expect(await timeOf(() => bundle.inBatch(`/messages/${id}`))).toBeGreaterThan(78);
  });

  test('grows by the attachment where attachments come', async () => {
    await using bundle = await setup({ graphAttachmentMs: 40 });
    const id = await bundle.inject('three');
    for (const path of [
      `/messages?${METADATA}`,
      `/messages/${id}?${METADATA}`,
      `${FOLDER}/delta?$expand=attachments`,
      `/messages/${id}/attachments?${FIELDS}`,
    ]) {
      expect(await timeOf(() => bundle.get(path))).toBeGreaterThan(118);
    }
  });

  test('does not grow by what is not in the answer', async () => {
    // Longer than the test may take.
    await using bundle = await setup({ graphMessageMs: 60_000, graphAttachmentMs: 60_000 });
    const id = await bundle.inject('files');
    for (const path of [
      '/mailFolders',
      `/mailFolders/archive/messages?${METADATA}`,
      `/messages/${id}/attachments?$skip=3`,
    ]) {
      expect((await bundle.get(path)).status).toBe(200);
    }
  });
});
