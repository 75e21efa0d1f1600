import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { aRecord } from '@ms1/testkit';

import type { SimulatorOptions } from '../src/simulator.ts';
import { startSimulator } from './start-simulator.ts';
import { withDataDir } from './with-data-dir.ts';

async function setup(options: Partial<SimulatorOptions> = {}) {
  const started = await startSimulator(options);
  const send = (batchId: string, items: unknown[], headers: Record<string, string> = {}) =>
    started.post(
      '/v1/batches',
      { batchId, items },
      {
        'idempotency-key': batchId,
        ...headers,
      },
    );
  const status = async () => (await started.call('/control/status')).body;
  return { ...started, send, status };
}

const records = (...numbers: number[]) => numbers.map((n) => aRecord(n));
const verdicts = (answer: { body: { results: { status: string }[] } }) =>
  answer.body.results.map((r) => r.status);

describe('what the contract leaves open', () => {
  test('takes an API key too, and answers 400 to a body of another kind', async () => {
    await using bundle = await setup();
    const key = { authorization: '', 'x-api-key': 'simulator-token' };
    expect((await bundle.send('b1', records(1), key)).status).toBe(200);
    const text = { 'content-type': 'text/plain' };
    expect((await bundle.send('b2', records(1), text)).status).toBe(400);
  });

  test('answers 413 above its size, measured after decoding', async () => {
    await using bundle = await setup({ ms4BodyBytesMax: 20_000 });
    const many = records(...Array.from({ length: 100 }, (_, n) => n));
    expect((await bundle.send('b1', many)).status).toBe(413);
    const zipped = (count: number) =>
      bundle.call('/v1/batches', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-encoding': 'gzip',
          'idempotency-key': 'z',
        },
        body: gzipSync(JSON.stringify({ batchId: 'z', items: many.slice(0, count) })),
      });
    expect((await zipped(100)).status).toBe(413);
    expect((await zipped(10)).status).toBe(200);
  });
});

describe('over a restart', () => {
  test('remembers records, answers and verdicts', () =>
    withDataDir(async (dataDir) => {
      let first: unknown;
      {
        await using before = await setup({ dataDir });
        first = (await before.send('b1', [...records(1), { ...aRecord(2), source: 'fax' }])).body;
      }
      await using after = await setup({ dataDir });
      expect((await after.status()).stored).toBe(1);
      const again = await after.send('b1', [...records(1), { ...aRecord(2), source: 'fax' }]);
      expect([again.status, again.body]).toEqual([207, first]);
      expect(verdicts(await after.send('b2', records(1)))).toEqual(['duplicate']);
      expect((await after.call(`/v1/messages/${aRecord(1).id}`)).body).toEqual(aRecord(1));
    }));

  test('drops a torn last line of the ledger and stores its record again', () =>
    withDataDir(async (dataDir) => {
      {
        await using before = await setup({ dataDir });
        await before.send('b1', records(1));
      }
      await appendFile(
        join(dataDir, 'stored.jsonl'),
        '{"at":"2026-01-31T12:00:00Z","batchId":"b2","id":"rec',
      );
      await using after = await setup({ dataDir });
      expect(verdicts(await after.send('b2', records(1, 2)))).toEqual(['duplicate', 'stored']);
      const lines = (await readFile(join(dataDir, 'stored.jsonl'), 'utf8')).trim().split('\n');
      expect(lines.map((line) => JSON.parse(line).id)).toEqual(records(1, 2).map(({ id }) => id));
    }));

  test('keeps no subject or address in the ledger', () =>
    withDataDir(async (dataDir) => {
      await using bundle = await setup({ dataDir });
      await bundle.send('b1', [aRecord(1, { subject: 'confidential' })]);
      const ledger = await readFile(join(dataDir, 'stored.jsonl'), 'utf8');
      expect(ledger).not.toMatch(/confidential|billing@/);
      expect(JSON.parse(ledger)).toMatchObject({ batchId: 'b1', id: aRecord(1).id });
    }));
});

describe('faults', () => {
  test('down: 503 with Retry-After, nothing stored', async () => {
    await using bundle = await setup();
    await bundle.fault('ms4-down', { times: 1, retryAfterS: 3 });
    const { status, headers } = await bundle.send('b1', records(1));
    expect([status, headers.get('retry-after')]).toEqual([503, '3']);
    expect((await bundle.status()).stored).toBe(0);
    expect((await bundle.send('b1', records(1))).status).toBe(200);
  });

  test('commit, then reset: the client sees a broken connection, the record is stored once', async () => {
    await using bundle = await setup();
    await bundle.fault('ms4-commit-then-reset', { times: 1 });
    await expect(bundle.send('b1', records(1))).rejects.toThrow('fetch failed');
    expect((await bundle.status()).stored).toBe(1);
    expect(verdicts(await bundle.send('b1', records(1)))).toEqual(['stored']);
    expect(verdicts(await bundle.send('b2', records(1)))).toEqual(['duplicate']);
  });
});
