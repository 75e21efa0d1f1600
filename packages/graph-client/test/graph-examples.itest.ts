import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { toMetadata } from '../src/index.ts';
import { setup } from './graph-server.ts';

// The documented payloads lie beside the project, not in it: where they are missing, nothing here runs.
const EXAMPLES = join(import.meta.dirname, '../../../../shared/graph/examples');
const there = existsSync(EXAMPLES);
if (!there) process.stderr.write(`skipped: there are no examples at ${EXAMPLES}\n`);

const read = (name: string): string => readFileSync(join(EXAMPLES, name), 'utf8');
const parse = (name: string): unknown => JSON.parse(read(name)) as unknown;

const MAILBOX = '11111111-1111-4111-8111-111111111111';
const refs = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ mailboxId: MAILBOX, messageId: `m${n}` }));

(there ? describe : describe.skip)('the documented payloads that Graph answers with', () => {
  test('message-get-response.json is a whole message, whatever else it carries', async () => {
    await using bundle = await setup(() => ({ body: read('message-get-response.json') }));
    const [result] = await bundle.graph.messages.messages(refs(1));
    expect(result?.ok && toMetadata(result.value)).toMatchObject({
      subject: '9/9/2018: concert',
      from: { address: 'adelev@contoso.OnMicrosoft.com', name: 'Adele Vance' },
      receivedAt: '2018-09-09T03:15:08.000Z',
      sentAt: '2018-09-09T03:15:06.000Z',
      internetMessageId: '<MWHPR6E1BE060@MWHPR1120.namprd22.prod.outlook.com>',
      importance: 'normal',
      hasAttachments: false,
    });
  });

  test.each([
    ['message-get-text-response.json', 'Welcome to our group!'],
    ['message-get-internetmessageheaders-response.json', null],
  ])('%s has few properties: the others are null, and it is a message', async (file, subject) => {
    await using bundle = await setup(() => ({ body: read(file) }));
    const [result] = await bundle.graph.messages.messages(refs(1));
    const metadata = result?.ok ? toMetadata(result.value) : null;
    expect(metadata).toMatchObject({ subject, from: null, to: [], hasAttachments: null });
    expect(metadata?.bodyPreview?.length ?? 0).toBeLessThanOrEqual(255);
  });

  test.each([
    [
      'attachment-file.json',
      { kind: 'file', size: 13_068, isInline: false, invoiceCandidate: true },
    ],
    ['attachment-item.json', { kind: 'item', contentType: null, invoiceCandidate: true }],
    ['attachment-reference.json', { kind: 'reference', isInline: true, invoiceCandidate: true }],
  ])('%s is an attachment of a list, and its bytes go nowhere', async (file, expected) => {
    await using bundle = await setup(() => ({ body: { value: [parse(file)] } }));
    const [result] = await bundle.graph.messages.attachments(refs(1));
    expect(result).toMatchObject({ ok: true, value: [expected] });
    expect(JSON.stringify(result)).not.toContain('UEsDBBQABgAIAAAAIQ4AAAAA');
  });

  test('attachments-list-response.json spells its type without #', async () => {
    await using bundle = await setup(() => ({ body: read('attachments-list-response.json') }));
    const [result] = await bundle.graph.messages.attachments(refs(1));
    expect(result).toMatchObject({
      ok: true,
      value: [{ id: 'id-value', kind: 'file', name: 'name-value', size: 99 }],
    });
  });

  test('batch-response.json is judged item by item, in whatever order it came', async () => {
    // Its ids are 1 to 5 and ours begin with 0: the first was left out, and is asked for alone.
    await using bundle = await setup(({ method }) =>
      method === 'POST' ? { body: read('batch-response.json') } : { body: { id: 'alone' } },
    );
    const { responses } = parse('batch-response.json') as {
      responses: { id: string; status: number }[];
    };
    const results = await bundle.graph.messages.messages(refs(6));
    expect(results[0]).toMatchObject({ ok: true, value: { id: 'alone' } });
    for (const { id, status } of responses) {
      const result = results[Number(id)];
      // Bodies of other resources are no messages; what matters is whose status is whose.
      expect(result?.ok === false && result.error.status).toBe(status < 300 ? 200 : status);
    }
  });

  test.each([
    [401, 'error-401-invalid-token.json', 'graph_auth', 'c2920885-4c71-4dea-bee7-dbe21c52ec1e'],
    [
      403,
      'error-403-access-denied-policy.json',
      'graph_forbidden',
      '2f038156-cf40-403d-8e46-831fe42a8229',
    ],
    [
      404,
      'error-404-item-not-found.json',
      'graph_not_found',
      '69a0f44c-ff5e-49b7-a618-048261f0c47a',
    ],
    [
      404,
      'error-404-mailbox-not-enabled.json',
      'graph_mailbox_missing',
      'fa89876e-3852-4ac7-af23-1966073f7653',
    ],
    [
      404,
      'error-404-resource-not-found.json',
      'graph_mailbox_missing',
      '4b9087ce-07fe-4afc-930e-1d7499ae3c13',
    ],
    [429, 'error-429-mailbox-concurrency.json', 'graph_throttled', null],
    [429, 'error-429-throttled.json', 'graph_throttled', '94fb3b52-452a-4535-a601-69e0a90e3aa2'],
    [504, 'error-504-unknown.json', 'graph_timeout', 'b005930e-1e32-4cd7-8d0b-778bb4772d9b'],
    [416, 'error-generic.json', 'graph_request', 'request-id'],
  ])(
    '%i with %s is %s, with the id that support asks for',
    async (status, file, code, requestId) => {
      await using bundle = await setup(() => ({ status, body: read(file) }));
      const [result] = await bundle.graph.messages.messages(refs(1));
      expect(result).toMatchObject({ ok: false, error: { code, status, requestId } });
      const sent = bundle.seen.at(-1)?.headers['client-request-id'];
      expect(result?.ok === false && result.error.clientRequestId).toBe(sent);
    },
  );
});

(there ? describe : describe.skip)('what we send', () => {
  test('is a batch as in batch-request.json, unordered where batch-request-dependson.json is not', async () => {
    await using bundle = await setup(() => ({ body: { responses: [] } }));
    await bundle.graph.messages.messages(refs(20));
    const sent = bundle.seen[0];
    expect(`${sent?.method} ${sent?.url}`).toBe('POST /v1.0/$batch');
    expect(sent?.headers['content-type']).toContain('application/json');
    const { requests } = (sent?.body ?? {}) as { requests: Record<string, unknown>[] };
    const documented = (
      parse('batch-request.json') as { requests: Record<string, unknown>[] }
    ).requests.filter(({ method }) => method === 'GET');
    // The members of a documented GET, and of one with headers of its own.
    const members = new Set(documented.flatMap((request) => Object.keys(request)));
    expect(requests).toHaveLength(20);
    for (const request of requests) {
      expect(new Set(Object.keys(request))).toEqual(members);
      expect(request['url']).toMatch(/^\/users\//);
      expect(typeof request['id']).toBe('string');
    }
    expect(new Set(requests.map(({ id }) => id)).size).toBe(20);
    // Dependent items run one at a time; ours run four at a time (docs/graph-contract.md#batching).
    const sequential = parse('batch-request-dependson.json') as { requests: object[] };
    expect(sequential.requests.some((request) => 'dependsOn' in request)).toBe(true);
    expect(requests.some((request) => 'dependsOn' in request)).toBe(false);
  });
});
