import { createServer, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib';

import { describe, expect, test } from '@jest/globals';
import { aRecord } from '@ms1/testkit';

import { bearerAuth, encodeBatch, encodeItem } from '../src/index.ts';
import { type Ms4Auth } from '../src/ms4-auth.ts';
import { openClient } from './open-client.ts';

interface Arrived {
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A reply, or what happens to the connection instead. */
type Reply = { status: number; body?: unknown; headers?: Record<string, string> } | 'reset';

async function setup(
  replies: (seen: number, headers: IncomingHttpHeaders) => Reply,
  auth: Ms4Auth = bearerAuth('t'),
) {
  const arrived: Arrived[] = [];
  const server = createServer((req, res) => {
    void buffer(req).then((body) => {
      arrived.push({ path: req.url, headers: req.headers, body });
      const reply = replies(arrived.length, req.headers);
      if (reply === 'reset') return req.socket.resetAndDestroy();
      res.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
      if (Buffer.isBuffer(reply.body)) return res.end(reply.body);
      return res.end(reply.body === undefined ? '' : JSON.stringify(reply.body));
    });
  });
  return { arrived, ...(await openClient({ server, auth, gzipBytesMin: 1_500 })) };
}

const batchOf = (count: number) =>
  encodeBatch(
    Array.from({ length: count }, (_, i) =>
      encodeItem(aRecord(1, { id: `record-${i}-`.padEnd(22, '0') })),
    ),
  );
const stored = (batch: ReturnType<typeof batchOf>) => ({
  status: 200,
  body: {
    batchId: batch.batchId,
    results: batch.items.map(({ id }) => ({ id, status: 'stored' })),
  },
});

describe('MS4 client', () => {
  test('sends one request with the key, the credentials and the bytes of the batch', async () => {
    const batch = batchOf(1);
    await using ms4 = await setup(() => stored(batch));
    const verdicts = await ms4.client.storeBatch(batch);
    expect([...verdicts.values()]).toEqual([{ status: 'stored' }]);
    expect(ms4.arrived).toHaveLength(1);
    expect(ms4.arrived[0]).toMatchObject({
      path: '/v1/batches',
      headers: { authorization: 'Bearer t', 'idempotency-key': batch.batchId },
      body: batch.body,
    });
  });

  test('compresses a large batch, and the other side reads the same bytes', async () => {
    const batch = batchOf(50);
    await using ms4 = await setup(() => stored(batch));
    await ms4.client.storeBatch(batch);
    const { headers, body } = ms4.arrived[0] ?? {};
    expect(headers?.['content-encoding']).toBe('gzip');
    expect(gunzipSync(body ?? '')).toEqual(batch.body);
  });

  test('after a reset that may have stored it, resends the same bytes under the same key', async () => {
    const batch = batchOf(50);
    await using ms4 = await setup((seen) => (seen < 3 ? 'reset' : stored(batch)));
    await ms4.client.storeBatch(batch);
    expect(ms4.arrived).toHaveLength(3);
    expect(new Set(ms4.arrived.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(new Set(ms4.arrived.map(({ body }) => body.toString('hex'))).size).toBe(1);
  });

  test('gives up on an MS4 that stays away, saying that it may have stored', async () => {
    await using ms4 = await setup(() => 'reset');
    await expect(ms4.client.storeBatch(batchOf(1))).rejects.toMatchObject({
      code: 'ms4_unavailable',
    });
    expect(ms4.arrived).toHaveLength(3);
  });

  test.each([400, 401, 403, 413, 422, 429])('does not repeat a %p by itself', async (status) => {
    await using ms4 = await setup(() => ({ status }));
    await expect(ms4.client.storeBatch(batchOf(1))).rejects.toThrow(`${status}`);
    expect(ms4.arrived).toHaveLength(1);
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['identity', (body: Buffer) => Buffer.concat([Buffer.from('\ufeff'), body])],
  ])('reads a good answer in %s, asked for or not', async (coding, pack) => {
    const batch = batchOf(3);
    await using ms4 = await setup(() => {
      const body = pack(Buffer.from(JSON.stringify(stored(batch).body)));
      return { status: 200, body, headers: { 'content-encoding': coding } };
    });
    const verdicts = await ms4.client.storeBatch(batch);
    expect([...verdicts.values()].map(({ status }) => status)).toEqual(
      batch.items.map(() => 'stored'),
    );
    expect(ms4.arrived[0]?.headers['accept-encoding']).toBe('gzip, br');
  });

  test('an answer that unpacks to more than is allowed is none', async () => {
    const body = gzipSync(Buffer.alloc(3_000_000, ' '));
    await using ms4 = await setup(() => ({
      status: 200,
      body,
      headers: { 'content-encoding': 'gzip' },
    }));
    await expect(ms4.client.storeBatch(batchOf(1))).rejects.toMatchObject({
      code: 'ms4_unavailable',
    });
  });

  describe('gzip that MS4 does not take', () => {
    const codings = (arrived: Arrived[]) =>
      arrived.map(({ headers }) => headers['content-encoding'] ?? 'plain');

    test.each([415, 400, 422])(
      'is refused with %p once: the same batch goes out plain, and all that follow',
      async (status) => {
        const batches = [batchOf(50), batchOf(40)];
        await using ms4 = await setup((seen, headers) => {
          const batch = batches[seen <= 2 ? 0 : 1];
          if (!batch) throw new Error('no such batch');
          return headers['content-encoding'] ? { status } : stored(batch);
        });
        for (const batch of batches) {
          expect((await ms4.client.storeBatch(batch)).size).toBe(batch.items.length);
        }
        expect(codings(ms4.arrived)).toEqual(['gzip', 'plain', 'plain']);
        expect(ms4.arrived[1]?.body).toEqual(batches[0]?.body);
      },
    );

    test('is told from a refused batch: asked once more, and gzip is used again', async () => {
      const batch = batchOf(50);
      await using ms4 = await setup((seen) => (seen <= 2 ? { status: 400 } : stored(batch)));
      await expect(ms4.client.storeBatch(batch)).rejects.toMatchObject({ code: 'ms4_refused' });
      await ms4.client.storeBatch(batch);
      expect(codings(ms4.arrived)).toEqual(['gzip', 'plain', 'gzip']);
    });

    test('is no explanation where it was taken before, but no record dies of it', async () => {
      const good = batchOf(50);
      const large = encodeBatch([encodeItem(aRecord(1, { subject: 'x'.repeat(2_000) }))]);
      await using ms4 = await setup((seen) => (seen === 1 ? stored(good) : { status: 422 }));
      await ms4.client.storeBatch(good);
      for (const batch of [good, large]) {
        await expect(ms4.client.storeBatch(batch)).rejects.toMatchObject({ code: 'ms4_refused' });
      }
      expect(codings(ms4.arrived)).toEqual(['gzip', 'gzip', 'gzip', 'plain']);
    });

    test('is not blamed for items that MS4 has read and named', async () => {
      const body = { title: 'no', status: 422, errors: [{ pointer: '/items/0/subject' }] };
      await using ms4 = await setup(() => ({ status: 422, body }));
      await expect(ms4.client.storeBatch(batchOf(50))).rejects.toMatchObject({
        items: [expect.anything()],
      });
      expect(codings(ms4.arrived)).toEqual(['gzip']);
    });
  });

  test('renews its credentials once on 401, and only if they can be', async () => {
    let token = 'old';
    const batch = batchOf(1);
    const auth: Ms4Auth = {
      headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
      refresh: () => Promise.resolve(token !== (token = 'new')),
    };
    await using ms4 = await setup((seen) => (seen === 1 ? { status: 401 } : stored(batch)), auth);
    await ms4.client.storeBatch(batch);
    expect(ms4.arrived.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer new',
    ]);
  });
});
