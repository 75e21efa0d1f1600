import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { aRecord } from '@ms1/testkit';

import type { SimulatorOptions } from '../src/simulator.ts';
import { startSimulator } from './start-simulator.ts';
import { withDataDir } from './with-data-dir.ts';

async function setup(options: Partial<SimulatorOptions> = {}) {
  const started = await startSimulator(options);
  return {
    ...started,
    send: (batchId: string, items: unknown[]) =>
      started.post('/v1/batches', { batchId, items }, { 'idempotency-key': batchId }),
    stored: async () => (await started.call('/control/status')).body.ms4.stored as number,
  };
}

const records = (...numbers: number[]) =>
  numbers.map((n) => aRecord(n, { id: `record-${n}`.padEnd(22, '-') }));

describe('in place of MS4: nothing is stored', () => {
  test.each([
    ['ms4-5xx', 503],
    ['ms4-429', 429],
    ['ms4-429-date', 429],
    ['ms4-auth', 401],
    ['ms4-key-conflict', 409],
    ['ms4-html', 200],
  ])('%s answers %i', async (name, status) => {
    await using bundle = await setup();
    await bundle.fault(name, { times: 1 });
    expect((await bundle.send('b1', records(1))).status).toBe(status);
    expect(await bundle.stored()).toBe(0);
    expect((await bundle.send('b1', records(1))).status).toBe(200);
  });

  test('a date is what Retry-After says when asked for', async () => {
    await using bundle = await setup();
    await bundle.fault('ms4-429-date', { retryAfterS: 60 });
    const { headers } = await bundle.send('b1', records(1));
    expect(Date.parse(headers.get('retry-after') ?? '')).toBeGreaterThan(Date.now() + 50_000);
  });

  test('a rate limit lets so many through in any window, and throttles the rest', async () => {
    await using bundle = await setup();
    await bundle.fault('ms4-rate-limit', { max: 2, ms: 60_000 });
    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push((await bundle.send(`b${n}`, records(n))).status);
    expect(answers).toEqual([200, 200, 429, 429]);
  });
});

describe('about what is in the batch', () => {
  const poisoned = [...records(1, 2), aRecord(3, { subject: 'POISON' })];

  test('poison refuses the whole batch, with a pointer only when asked for', async () => {
    await using bundle = await setup();
    await bundle.fault('ms4-poison', { times: 1 });
    const mute = await bundle.send('b1', poisoned);
    expect([mute.status, mute.body.errors]).toEqual([422, undefined]);
    await bundle.fault('ms4-poison-pointed', { times: 1 });
    const pointed = await bundle.send('b1', poisoned);
    expect(pointed.body.errors).toEqual([{ pointer: '/items/2/subject', code: 'poison' }]);
    expect(await bundle.stored()).toBe(0);
  });

  test('413 above a size, and not below it', async () => {
    await using bundle = await setup();
    await bundle.fault('ms4-too-large', { max: 2_000 });
    expect((await bundle.send('b1', records(1))).status).toBe(200);
    expect((await bundle.send('b2', records(2, 3, 4, 5))).status).toBe(413);
  });
});

describe('about the answer: the batch is stored', () => {
  const idsOf = (answer: { body: { results: { id: string }[] } }) =>
    answer.body.results.map(({ id }) => id.replace(/^record-(\d)-*$/, '$1'));

  test.each([
    ['ms4-missing-result', ['2', '3']],
    ['ms4-doubled-result', ['1', '2', '3', '1']],
    ['ms4-reordered-results', ['3', '2', '1']],
    ['ms4-unknown-result', ['a-record-that-nobody-sent', '1', '2', '3']],
  ])('%s', async (name, ids) => {
    await using bundle = await setup();
    await bundle.fault(name);
    expect(idsOf(await bundle.send('b1', records(1, 2, 3)))).toEqual(ids);
    expect(await bundle.stored()).toBe(3);
  });

  test.each(['ms4-accept', 'ms4-truncated', 'ms4-wrong-type', 'ms4-enormous'])(
    '%s has no result to read',
    async (name) => {
      await using bundle = await setup();
      await bundle.fault(name, { max: 100_000 });
      const { headers, body } = await bundle.send('b1', records(1));
      const isJson = headers.get('content-type')?.startsWith('application/json') ?? false;
      expect(isJson && typeof body === 'object').toBe(false);
      expect(await bundle.stored()).toBe(1);
    },
  );

  test('retry is a verdict like others: its item is not stored', async () => {
    await using bundle = await setup();
    await bundle.fault('ms4-retry-verdict', { times: 1 });
    const { status, body } = await bundle.send('b1', records(1, 2));
    expect([status, body.results[0].status, body.results[1].status]).toEqual([
      207,
      'retry',
      'stored',
    ]);
    expect(await bundle.stored()).toBe(1);
  });

  test.each(['ms4-hang', 'ms4-commit-then-hang', 'ms4-drip'])(
    '%s takes longer than anybody waits',
    async (name) => {
      await using bundle = await setup();
      await bundle.fault(name);
      const answer = bundle.call('/v1/batches', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'b1' },
        body: JSON.stringify({ batchId: 'b1', items: records(1) }),
        signal: AbortSignal.timeout(200),
      });
      await expect(answer).rejects.toThrow('timeout');
      expect(await bundle.stored()).toBe(name === 'ms4-hang' ? 0 : 1);
    },
  );

  test('a forgetful MS4 stores a record twice: the control of what others promise', async () => {
    await using bundle = await setup();
    await bundle.fault('ms4-forgets');
    await bundle.send('b1', records(1));
    await bundle.send('b2', records(1));
    expect(await bundle.stored()).toBe(2);
  });
});

describe('what an auditor reads', () => {
  test('every arrival is logged in order on a monotonic clock, refused ones too', () =>
    withDataDir(async (dataDir) => {
      await using bundle = await setup({ dataDir });
      await bundle.fault('ms4-5xx', { times: 1 });
      await bundle.send('b1', records(1));
      await bundle.send('b1', records(1));
      const { arrivals } = (await bundle.call('/control/arrivals')).body;
      expect(arrivals.map(({ key }: { key: string }) => key)).toEqual(['b1', 'b1']);
      expect(arrivals[1].monotonicMs).toBeGreaterThan(arrivals[0].monotonicMs);
      const lines = (await readFile(join(dataDir, 'arrivals.jsonl'), 'utf8')).trim().split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual(arrivals);
    }));

  test('requests are kept whole only when asked for, and without credentials', () =>
    withDataDir(async (dataDir) => {
      await using bundle = await setup({ dataDir, recordRequests: true });
      await bundle.send('b1', records(1));
      const line = await readFile(join(dataDir, 'requests.jsonl'), 'utf8');
      expect(JSON.parse(JSON.parse(line).body)).toEqual({ batchId: 'b1', items: records(1) });
      expect(line).not.toContain('simulator-token');
    }));
});
