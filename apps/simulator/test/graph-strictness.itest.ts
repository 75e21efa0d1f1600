import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

import type { SimulatorOptions } from '../src/simulator.ts';
import { IMMUTABLE, startSimulator } from './start-simulator.ts';

const SCHEMAS = new URL('../../../../shared/graph/jsonschema-mail.json', import.meta.url);
const KINDS = [
  { name: 'a.pdf', kind: 'file', size: 900 },
  { name: 'b.png', kind: 'file', contentType: 'image/png', size: 90, isInline: true },
  { name: 'c', kind: 'item', contentType: null, size: 900 },
  { name: 'd', kind: 'reference', contentType: null, size: 90 },
];

async function setup(options: Partial<SimulatorOptions> = {}) {
  const started = await startSimulator(options);
  const { mailbox, fault, inject } = started;
  const user = `/v1.0/users/${mailbox.id}`;
  return {
    ...started,
    mailboxId: mailbox.id,
    get: (path: string) => started.call(user + path, { headers: { prefer: IMMUTABLE } }),
    fault: (name: string, more: object = {}) => fault(name, { mailboxId: mailbox.id, ...more }),
    inject: (properties: object) => inject({ announced: false, properties }),
    batch: (requests: unknown) => started.post('/v1.0/$batch', { requests }),
  };
}

describe('a $batch', () => {
  test.each([
    ['no requests', []],
    ['no list', { 1: 'x' }],
    [
      'more than twenty',
      Array.from({ length: 21 }, (_, n) => ({ id: `${n}`, method: 'GET', url: '/x' })),
    ],
    ['ids that differ in case only', ['a', 'A'].map((id) => ({ id, method: 'GET', url: '/x' }))],
    [
      'a url of its own host',
      [{ id: '1', method: 'GET', url: 'https://graph.microsoft.com/v1.0/x' }],
    ],
    ['a url without a scheme', [{ id: '1', method: 'GET', url: '//elsewhere/x' }]],
    ['a body without its type', [{ id: '1', method: 'POST', url: '/x', body: {} }]],
  ])('is refused as a whole with %s', async (_name, requests) => {
    await using bundle = await setup();
    expect((await bundle.batch(requests)).status).toBe(400);
  });
});

describe('faults of a mailbox', () => {
  test('a mailbox that moves does so for a set time, item by item in a $batch, and others do not', async () => {
    const clock = { at: Date.now(), now: () => clock.at };
    await using bundle = await setup({ clock });
    const other = bundle.simulator.tenant.mailboxes[1]?.id ?? '';
    await bundle.fault('graph-mailbox-move', { lastsMs: 60_000 });
    const urls = [bundle.mailboxId, other].map((id) => `/users/${id}/messages`);
    const ask = async () => {
      const { status, body } = await bundle.batch(
        urls.map((url, n) => ({ id: `${n}`, method: 'GET', url })),
      );
      expect(status).toBe(200);
      const responses = body.responses as { id: string; status: number; body: object }[];
      return responses.toSorted((a, b) => a.id.localeCompare(b.id));
    };
    const [moving, fine] = await ask();
    expect(moving).toMatchObject({
      status: 503,
      body: { error: { code: 'ErrorMailboxMoveInProgress' } },
    });
    expect(fine?.status).toBe(200);
    clock.at += 60_000;
    expect((await ask()).map(({ status }) => status)).toEqual([200, 200]);
  });

  test('a mailbox that is missing says so in two ways by turns', async () => {
    await using bundle = await setup();
    await bundle.fault('graph-mailbox-missing');
    const codes = [];
    for (let n = 0; n < 4; n += 1) codes.push((await bundle.get('/messages')).body.error.code);
    expect(codes).toEqual([
      'MailboxNotEnabledForRESTAPI',
      'ResourceNotFound',
      'MailboxNotEnabledForRESTAPI',
      'ResourceNotFound',
    ]);
  });

  test('a token is refused in mid-run, and the next call is not', async () => {
    await using bundle = await setup();
    await bundle.post('/control/faults', { name: 'graph-401', times: 1 });
    expect((await bundle.get('/messages')).status).toBe(401);
    expect((await bundle.get('/messages')).status).toBe(200);
  });

  test('takes too long over large pages only, and over expanding 30 MB of attachments', async () => {
    await using bundle = await setup();
    for (let n = 0; n < 3; n += 1) {
      await bundle.inject({ attachments: [{ name: 'scan.pdf', size: 11_000_000 }] });
    }
    const expanding = await bundle.get('/messages?$expand=attachments');
    expect([expanding.status, expanding.body.error.code]).toEqual([504, 'UnknownError']);
    await bundle.fault('graph-page-5xx', { max: 2 });
    expect((await bundle.get('/messages')).status).toBe(504);
    expect((await bundle.get('/messages?$top=2')).status).toBe(200);
  });

  test('fails each page with a message that it cannot put on one, and says that it is not there', async () => {
    await using bundle = await setup();
    const id = await bundle.inject({ subject: 'a POISON' });
    await bundle.inject({ subject: 'sound' });
    await bundle.fault('graph-page-5xx', { match: 'POISON', status: 500 });
    expect((await bundle.get('/messages')).status).toBe(500);
    expect((await bundle.get('/messages?$top=1')).status).toBe(200);
    expect((await bundle.get('/messages?$select=id')).status).toBe(200);
    await bundle.fault('graph-item-404', { times: 1 });
    const one = `/messages/${id}`;
    expect((await bundle.get(one)).body.error.code).toBe('ErrorItemNotFound');
    expect((await bundle.get(one)).status).toBe(200);
  });

  test.each([['Wed, 21 Oct 2037 07:28:00 GMT'], ['soon']])(
    'tells to wait in any form: %s',
    async (match) => {
      await using bundle = await setup();
      await bundle.fault('graph-429', { match });
      expect((await bundle.get('/messages')).headers.get('retry-after')).toBe(match);
    },
  );
});

describe('the report of usage', () => {
  test('tells requests by mailbox and kind, how many were in flight, and what was refused; and begins anew', async () => {
    await using bundle = await setup({ graphLatencyMs: 100, windowRequests: 9 });
    const id = encodeURIComponent(await bundle.inject({}));
    await Promise.all(Array.from({ length: 5 }, () => bundle.get('/messages')));
    await bundle.get(`/messages/${id}`);
    await bundle.get(`/messages/${id}/attachments`);
    await bundle.get(`/mailFolders/inbox/messages/delta`);
    await bundle.get('/mailFolders/inbox');
    expect((await bundle.get('/messages')).status).toBe(429);
    const usage = async () => (await bundle.call('/control/usage')).body.mailboxes;
    expect(await usage()).toEqual([
      {
        mailboxId: bundle.mailboxId,
        inFlightMax: 5,
        refused: { inFlight: 1, requests: 1 },
        units: { page: 6, message: 1, attachments: 1, delta: 1, other: 1 },
        quotaUnits: 10,
      },
    ]);
    await bundle.call('/control/usage', { method: 'DELETE' });
    expect(await usage()).toMatchObject([{ inFlightMax: 0, units: {}, quotaUnits: 0 }]);
    // Forgetting what was told gives nobody more quota.
    expect((await bundle.get('/messages')).status).toBe(429);
  });
});

/** What the schemas of Graph have against an answer. */
function schemaErrors(): (name: string, body: unknown) => unknown[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat('base64url', true);
  const document = JSON.parse(readFileSync(SCHEMAS, 'utf8')) as object;
  ajv.addSchema({ ...document, $id: 'mail' });
  return (name, body) => {
    const validate = ajv.getSchema(`mail#/$defs/${name}`);
    if (!validate) throw new Error(`no schema ${name}`);
    void validate(body);
    return validate.errors ?? [];
  };
}

describe('answers', () => {
  test('are what the schemas of Graph say', async () => {
    // Beside the project where it is built, and no part of it.
    if (!existsSync(SCHEMAS)) {
      process.stderr.write('skipped: the schemas of Graph are not here\n');
      return;
    }
    const errorsOf = schemaErrors();
    await using bundle = await setup();
    const id = encodeURIComponent(await bundle.inject({ attachments: KINDS }));
    const { body } = await bundle.get(`/messages/${id}/attachments`);
    const requests = ['1', '2'].map((n) => ({ id: n, method: 'GET', url: `/users/x/messages` }));
    const types = ['fileAttachment', 'fileAttachment', 'itemAttachment', 'referenceAttachment'];
    const answers: [string, unknown][] = [
      ['microsoft.graph.message', (await bundle.get(`/messages/${id}`)).body],
      ['microsoft.graph.messageCollectionResponse', (await bundle.get('/messages')).body],
      ['x-derived.batchResponse', (await bundle.batch(requests)).body],
      ['microsoft.graph.ODataErrors.ODataError', (await bundle.get('/messages/nonsense')).body],
      ...types.map((type, n): [string, unknown] => [`microsoft.graph.${type}`, body.value[n]]),
    ];
    for (const [name, answer] of answers) {
      expect({ name, errors: errorsOf(name, answer) }).toEqual({ name, errors: [] });
    }
    expect(errorsOf('microsoft.graph.message', { id: '1', subject: 7 })).not.toEqual([]);
  });
});
