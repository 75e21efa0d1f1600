import { describe, expect, jest, test } from '@jest/globals';

import type { SimulatorOptions } from '../src/simulator.ts';
import { startSimulator } from './start-simulator.ts';

// For a machine that is busy with something else; nothing here waits for it otherwise.
jest.setTimeout(60_000);

async function setup(options: Partial<SimulatorOptions>) {
  const started = await startSimulator(options);
  const [first, second] = started.simulator.tenant.mailboxes.map(
    ({ id }) => `/v1.0/users/${id}/messages`,
  );
  if (!first || !second) throw new Error('no mailbox');
  const statuses = async (count: number, path: string) => {
    const answers = await Promise.all(Array.from({ length: count }, () => started.call(path)));
    return answers.map(({ status }) => status).toSorted((a, b) => a - b);
  };
  const status = async () => (await started.call('/control/status')).body.graph;
  return {
    ...started,
    first,
    second,
    statuses,
    status,
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}

describe('throttling', () => {
  test('refuses the fifth request in flight of a mailbox, and none of another mailbox', async () => {
    await using bundle = await setup({ graphLatencyMs: 300 });
    const [one, other] = await Promise.all([
      bundle.statuses(6, bundle.first),
      bundle.statuses(4, bundle.second),
    ]);
    expect(one).toEqual([200, 200, 200, 200, 429, 429]);
    expect(other).toEqual([200, 200, 200, 200]);
    expect(await bundle.status()).toMatchObject({ throttled: 2, quotaUnits: 10, inFlightMax: 5 });
  });

  test('never refuses a client that waits for each of its four answers', async () => {
    await using bundle = await setup({ graphLatencyMs: 1 });
    const chain = async () => {
      for (let n = 0; n < 50; n += 1) expect((await bundle.call(bundle.first)).status).toBe(200);
    };
    await Promise.all([chain(), chain(), chain(), chain()]);
    expect(await bundle.status()).toMatchObject({ throttled: 0, inFlightMax: 4 });
  });

  test('counts every item of a batch, and refuses items on their own', async () => {
    await using bundle = await setup({ graphLatencyMs: 300 });
    const url = bundle.first.replace('/v1.0', '');
    const requests = Array.from({ length: 8 }, (_, n) => ({ id: `${n}`, method: 'GET', url }));
    const alone = await bundle.post('/v1.0/$batch', { requests });
    expect(alone.body.responses.map((r: { status: number }) => r.status)).toEqual(
      requests.map(() => 200),
    );
    const two = await Promise.all(
      [1, 2].map(() => bundle.post('/v1.0/$batch', { requests: requests.slice(0, 4) })),
    );
    const answers = two.flatMap(({ status, body }) => {
      expect(status).toBe(200);
      return body.responses as { status: number; headers: Record<string, string> }[];
    });
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(4);
    expect(refused[0]?.headers['Retry-After']).toBe('1');
    expect(await bundle.status()).toMatchObject({ httpRequests: 3, quotaUnits: 16 });
  });

  test('refuses requests above the quota of ten minutes with the time to wait', async () => {
    await using bundle = await setup({ windowRequests: 5 });
    expect(await bundle.statuses(4, bundle.first)).toEqual([200, 200, 200, 200]);
    expect((await bundle.call(bundle.first)).status).toBe(200);
    const { status, headers, body } = await bundle.call(bundle.first);
    expect([status, body.error.code]).toEqual([429, 'ApplicationThrottled']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(590);
    expect((await bundle.call(bundle.second)).status).toBe(200);
  });
});
