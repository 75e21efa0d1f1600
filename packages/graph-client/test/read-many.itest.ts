import { describe, expect, test } from '@jest/globals';

import { type Answer, error, type SeenRequest, setup } from './graph-server.ts';

const MAILBOX = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';

const NOT_FOUND = { status: 404, body: { error: { code: 'ErrorItemNotFound' } } };

const refs = (mailboxId: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    mailboxId,
    messageId: `${mailboxId[0]}/${index}`,
  }));

function requestsOf(seen: SeenRequest | undefined): { url: string; headers: object }[] {
  return (
    (seen?.body as { requests: { url: string; headers: object }[] } | undefined)?.requests ?? []
  );
}

/** Answers a $batch item by item. */
const batch = (request: SeenRequest, itemOf: (url: string) => object): Answer => {
  const { requests } = request.body as { requests: { id: string; url: string }[] };
  // In reverse, because Graph answers in any order.
  const responses = requests.map(({ id, url }) => ({ id, ...itemOf(url) })).toReversed();
  return { body: { responses } };
};

describe('reading many', () => {
  test('reads 41 messages of two mailboxes in three requests, in order, each with the permits it takes', async () => {
    await using bundle = await setup((request) =>
      batch(request, (url) => ({
        status: 200,
        body: { id: decodeURIComponent(/messages\/([^?]+)/.exec(url)?.[1] ?? '') },
      })),
    );
    const asked = [...refs(MAILBOX, 22), ...refs(OTHER, 19)];
    const results = await bundle.graph.messages.messages(asked);
    expect(results.map((result) => result.ok && result.value.id)).toEqual(
      asked.map(({ messageId }) => messageId),
    );
    expect(bundle.seen.map(({ method, url }) => `${method} ${url}`)).toEqual(
      Array.from({ length: 3 }, () => 'POST /v1.0/$batch'),
    );
    expect(bundle.counted).toEqual({ message: 41 });
    expect(bundle.weights).toContainEqual({ [MAILBOX]: 4 });
    expect(bundle.weights).toContainEqual({ [MAILBOX]: 2 });
    expect(bundle.weights).toContainEqual({ [OTHER]: 4 });
    const requests = requestsOf(bundle.seen[0]);
    expect(requests[0]).toMatchObject({ headers: { Prefer: 'IdType="ImmutableId"' } });
    const ids = requests.map(
      ({ headers }) => (headers as Record<string, string>)['client-request-id'],
    );
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(ids).size).toBe(requests.length);
    expect(requests[0]?.url).toContain(`/users/${MAILBOX}/messages/1%2F0?$select=`);
  });

  test('judges each item by itself, and holds only the mailbox that was throttled, for the longest time', async () => {
    await using bundle = await setup((request) =>
      batch(request, (url) => {
        if (url.includes(`${OTHER}/messages/2%2F0`)) {
          return { status: 429, headers: { 'Retry-After': '7' }, body: {} };
        }
        if (url.includes(OTHER)) return { status: 429, headers: { 'retry-after': '3' }, body: {} };
        if (url.includes('1%2F1')) return NOT_FOUND;
        if (url.includes('1%2F2')) return { status: 200, body: { no: 'id' } };
        return { status: 200, body: { id: 'read' } };
      }),
    );
    const results = await bundle.graph.messages.messages([...refs(MAILBOX, 4), ...refs(OTHER, 2)]);
    expect(results.map((result) => (result.ok ? 'ok' : result.error.code))).toEqual([
      'ok',
      'graph_not_found',
      'graph_protocol',
      'ok',
      'graph_throttled',
      'graph_throttled',
    ]);
    expect(bundle.held).toEqual([[OTHER, 7_000]]);
    expect(bundle.seen).toHaveLength(2);
  });

  test('tries items that failed for the moment, or were left out, once more: each alone, and only those', async () => {
    await using bundle = await setup((request) =>
      request.method === 'GET'
        ? { body: { id: 'read alone' } }
        : batch(request, (url) => {
            if (url.includes('1%2F1?')) return { status: 504, body: {} };
            if (url.includes('1%2F2?')) return {};
            if (url.includes('1%2F3?')) return { status: 500, body: {} };
            return { status: 200, body: { id: 'read' } };
          }),
    );
    const results = await bundle.graph.messages.messages(refs(MAILBOX, 20));
    expect(results.map((result) => (result.ok ? result.value.id : result.error.code))).toEqual(
      Array.from({ length: 20 }, (_, n) => (n >= 1 && n <= 3 ? 'read alone' : 'read')),
    );
    expect(bundle.seen.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET', 'GET']);
    expect(bundle.counted).toEqual({ message: 23 });
  });

  test('leaves it to the queue when more than a fifth of a $batch failed', async () => {
    await using bundle = await setup((request) =>
      batch(request, (url) =>
        /1%2F[0-4]\?/.test(url) ? { status: 500, body: {} } : { status: 200, body: { id: 'read' } },
      ),
    );
    const results = await bundle.graph.messages.messages(refs(MAILBOX, 20));
    expect(results.filter(({ ok }) => !ok)).toHaveLength(5);
    expect(bundle.seen).toHaveLength(1);
  });

  test('gets another token when items of a $batch are refused theirs, and reads them again', async () => {
    await using bundle = await setup((request) => {
      const fresh = request.headers.authorization === 'Bearer token-2';
      if (request.method === 'GET') {
        return fresh ? { body: { id: 'read' } } : error(401, 'InvalidAuthenticationToken');
      }
      return batch(request, () =>
        fresh ? { status: 200, body: { id: 'read' } } : { status: 401, body: {} },
      );
    });
    const results = await bundle.graph.messages.messages(refs(MAILBOX, 20));
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(bundle.dropped).toEqual(['token-1']);
    // The $batch, its first message with the old and the new token, the other 19.
    expect(bundle.seen.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET', 'POST']);
  });

  test('takes a mailbox for moving only when it answered nothing', async () => {
    const moving = { status: 503, body: { error: { code: 'ErrorMailboxMoveInProgress' } } };
    await using partly = await setup((request) =>
      batch(request, (url) =>
        url.includes('1%2F0?') ? moving : { status: 200, body: { id: 'x' } },
      ),
    );
    await partly.graph.messages.messages(refs(MAILBOX, 3));
    expect(partly.parked).toEqual([]);
    await using wholly = await setup((request) => batch(request, () => moving));
    const results = await wholly.graph.messages.messages(refs(MAILBOX, 3));
    expect(results.map((result) => result.ok || result.error.code)).toEqual(
      Array.from({ length: 3 }, () => 'graph_unavailable'),
    );
    expect(wholly.parked).toEqual([[MAILBOX, null]]);
  });

  test('sends one request, not twenty, where it is the probe', async () => {
    await using bundle = await setup(() => error(503, 'ErrorMailboxMoveInProgress'), {
      probe: true,
    });
    const results = await bundle.graph.messages.messages(refs(MAILBOX, 20));
    expect(results.filter(({ ok }) => !ok)).toHaveLength(20);
    expect(bundle.seen.map(({ method }) => method)).toEqual(['GET']);
  });

  test('gives each message of a failed $batch its error instead of failing for all', async () => {
    await using bundle = await setup(({ method }) =>
      method === 'POST' ? error(403, 'ErrorAccessDenied') : { body: { id: 'x' } },
    );
    const results = await bundle.graph.messages.messages(refs(MAILBOX, 21));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results[0]).toMatchObject({ ok: false, error: { code: 'graph_forbidden' } });
  });

  test('lists attachments without their bytes, all pages of them', async () => {
    const base = { origin: '' };
    await using bundle = await setup(({ url }) => ({
      body: url.endsWith('$skip=1')
        ? { value: [{ id: 'b', name: 'b.pdf', contentType: 'application/pdf', size: 2 }] }
        : {
            value: [{ id: 'a', '@odata.type': '#microsoft.graph.itemAttachment', size: 1 }],
            '@odata.nextLink': `${base.origin}/v1.0/users/${MAILBOX}/messages/1/attachments?$skip=1`,
          },
    }));
    base.origin = bundle.origin;
    const [result] = await bundle.graph.messages.attachments(refs(MAILBOX, 1));
    expect(result).toMatchObject({
      ok: true,
      value: [
        { id: 'a', kind: 'item', invoiceCandidate: true },
        { id: 'b', kind: 'file', invoiceCandidate: true },
      ],
    });
    expect(bundle.counted).toEqual({ attachments: 2 });
    expect(bundle.seen[0]?.url).toMatch(/attachments\?\$select=id,name,contentType,size,isInline$/);
  });

  test('one attachment that cannot be read costs neither the message nor the others', async () => {
    const value = [{ id: 'a', name: 'i.pdf', size: 'large' }, null, { id: 'c', name: 'c.pdf' }];
    await using bundle = await setup(() => ({ body: { value } }));
    const [result] = await bundle.graph.messages.attachments(refs(MAILBOX, 1));
    expect(result?.ok && result.value).toMatchObject([
      { id: 'a', name: 'i.pdf', unreadable: ['size'] },
      { id: '', name: null, unreadable: ['attachment'] },
      { id: 'c', name: 'c.pdf' },
    ]);
  });
});
