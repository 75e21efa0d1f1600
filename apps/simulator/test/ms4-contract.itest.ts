import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aRecord, freePort, spawnApp } from '@ms1/testkit';

import { ms4Schema } from './ms4-contract.ts';
import { startSimulator, TOKEN } from './start-simulator.ts';

const EXAMPLE = join(import.meta.dirname, '../../../docs/guides/ms4-server.mjs');

interface RunningMs4 extends AsyncDisposable {
  readonly url: string;
}

async function startExample(): Promise<RunningMs4> {
  const folder = await mkdtemp(join(tmpdir(), 'ms1-ms4-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const app = spawnApp({
    entry: EXAMPLE,
    env: { MS4_TOKEN: TOKEN, MS4_PORT: String(port), MS4_FILE: join(folder, 'ms4.sqlite') },
  });
  await app.ready(`${url}/health`);
  return {
    url,
    async [Symbol.asyncDispose]() {
      await app.stop();
      await rm(folder, { recursive: true });
    },
  };
}

const records = (...numbers: number[]) => numbers.map((number) => aRecord(number));
const nameless = { subject: 'no id' };

describe.each([
  { name: 'the simulator', start: startSimulator as () => Promise<RunningMs4> },
  { name: 'the example of docs/guides', start: startExample },
])('$name keeps the contract of MS4', ({ start }) => {
  let ms4: RunningMs4;
  // They share one server, so each has records and keys of its own.
  beforeAll(async () => {
    ms4 = await start();
  });
  afterAll(async () => {
    await ms4[Symbol.asyncDispose]();
  });

  async function call(path: string, init: RequestInit = {}) {
    const headers = { authorization: `Bearer ${TOKEN}`, ...(init.headers as object) };
    const response = await fetch(`${ms4.url}${path}`, { ...init, headers });
    const type = response.headers.get('content-type')?.split(';')[0];
    // What a foreign service answers is what is checked here.
    // oxlint-disable-next-line typescript/no-explicit-any
    return { status: response.status, type, body: (await response.json()) as any };
  }
  const post = (key: string, body: string | Buffer<ArrayBuffer>, headers: object = {}) =>
    call('/v1/batches', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers },
      body,
    });
  const send = (batchId: string, items: unknown[], headers: object = {}) =>
    post(batchId, JSON.stringify({ batchId, items }), headers);
  const verdicts = (answer: { body: { results: { status: string }[] } }) =>
    answer.body.results.map(({ status }) => status);
  const isStored = async (number: number): Promise<boolean> =>
    (await call(`/v1/messages/${aRecord(number).id}`)).status === 200;

  test('a record is stored once, whatever batch it comes in', async () => {
    const first = await send('once-1', records(1, 2));
    expect([first.status, verdicts(first)]).toEqual([200, ['stored', 'stored']]);
    const second = await send('once-2', records(2, 3, 3));
    expect([second.status, verdicts(second)]).toEqual([200, ['duplicate', 'stored', 'duplicate']]);
    expect(ms4Schema('BatchResult')(second.body)).toBe(true);
  });

  test('a record that can never be stored is rejected, and its neighbour is stored', async () => {
    const answer = await send('neighbour', [...records(11), { ...aRecord(12), schemaVersion: 3 }]);
    expect([answer.status, verdicts(answer)]).toEqual([207, ['stored', 'rejected']]);
    expect(answer.body.results[1].error.code).toBe('invalid_schemaVersion');
    expect(ms4Schema('BatchResult')(answer.body)).toBe(true);
    expect([await isStored(11), await isStored(12)]).toEqual([true, false]);
  });

  test('the same key and body get the same answer again', async () => {
    const first = await send('again', [...records(21), { ...aRecord(22), schemaVersion: 3 }]);
    const again = await send('again', [...records(21), { ...aRecord(22), schemaVersion: 3 }]);
    expect(again).toEqual(first);
  });

  test('a key that comes with another body is refused, and nothing of it is stored', async () => {
    await send('conflict', records(31));
    const { status, type } = await send('conflict', records(31, 32));
    expect([status, type]).toEqual([409, 'application/problem+json']);
    expect(await isStored(32)).toBe(false);
  });

  test('what is no batch is refused with problem details, and what follows it is taken', async () => {
    const many = records(...Array.from({ length: 1_001 }, (_, number) => 1_000 + number));
    const answers = await Promise.all([
      send('other', records(41), { 'idempotency-key': 'another' }),
      send('none', []),
      send('many', many),
      post('text', 'no JSON'),
      send('nameless', [...records(41), nameless]),
      send('stranger', records(41), { authorization: 'Bearer wrong' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 422, 401]);
    const isProblem = ms4Schema('Problem');
    for (const { body, type } of answers) {
      expect([isProblem(body), type]).toEqual([true, 'application/problem+json']);
    }
    expect(answers[4]?.body.errors).toEqual([{ pointer: '/items/1/id', code: 'invalid_id' }]);
    expect(await isStored(41)).toBe(false);
    expect(verdicts(await send('after', records(41)))).toEqual(['stored']);
  });

  test('a gzipped batch is taken, and one that unpacks to too much is not', async () => {
    const zipped = (key: string, body: string) =>
      post(key, gzipSync(body), { 'content-encoding': 'gzip' });
    const small = JSON.stringify({ batchId: 'zipped', items: records(51) });
    expect(verdicts(await zipped('zipped', small))).toEqual(['stored']);
    const large = await zipped('large', `${' '.repeat(17_000_000)}${small}`);
    expect([large.status, large.type]).toEqual([413, 'application/problem+json']);
  });

  test('what was stored is read back as it was sent', async () => {
    const odd = { ...aRecord(61), subject: '\u202eRechnung 🧾\t"\\' };
    await send('odd', [odd]);
    expect((await call(`/v1/messages/${odd.id}`)).body).toEqual(odd);
    expect((await call('/v1/messages/unknown')).status).toBe(404);
    const health = await fetch(`${ms4.url}/health`);
    await health.body?.cancel();
    expect(health.status).toBe(200);
  });
});
