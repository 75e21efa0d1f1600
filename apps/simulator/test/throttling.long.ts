import { describe, expect, test } from '@jest/globals';
import { until } from '@ms1/testkit';

import type { SimulatorOptions } from '../src/simulator.ts';
import { startSimulator } from './start-simulator.ts';

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
  /** The next `times` requests take so long that whatever comes once they are in flight meets them. */
  const slowNext = (times: number) => started.fault('graph-latency', { ms: 3_000, times });
  const inFlight = (count: number) =>
    until(async () => (await status()).inFlightMax === count, { what: `${count} in flight` });
  return { ...started, first, second, statuses, status, slowNext, inFlight };
}

describe('throttling', () => {
  test('refuses the fifth request in flight of a mailbox, and none of another mailbox', async () => {
    await using bundle = await setup({});
    await bundle.slowNext(4);
    const four = bundle.statuses(4, bundle.first);
    await bundle.inFlight(4);
    expect(await bundle.statuses(2, bundle.first)).toEqual([429, 429]);
    expect(await bundle.statuses(4, bundle.second)).toEqual([200, 200, 200, 200]);
    expect(await four).toEqual([200, 200, 200, 200]);
    expect(await bundle.status()).toMatchObject({ throttled: 2, quotaUnits: 10, inFlightMax: 5 });
  });

  test('never refuses a client that waits for each of its four answers', async () => {
    await using bundle = await setup({ graphLatencyMs: 1 });
    const chain = async () => {
      for (let n = 0; n < 50; n += 1) expect((await bundle.call(bundle.first)).status).toBe(200);
    };
    await Promise.all([chain(), chain(), chain(), chain()]);
    const { throttled, inFlightMax } = await bundle.status();
    expect(throttled).toBe(0);
    expect(inFlightMax).toBeLessThanOrEqual(4);
  });

  test('counts every item of a batch, and refuses items on their own', async () => {
    await using bundle = await setup({});
    const url = bundle.first.replace('/v1.0', '');
    const requests = Array.from({ length: 8 }, (_, n) => ({ id: `${n}`, method: 'GET', url }));
    const alone = await bundle.post('/v1.0/$batch', { requests });
    expect(alone.body.responses.map((r: { status: number }) => r.status)).toEqual(
      requests.map(() => 200),
    );
    await bundle.slowNext(4);
    const four = () => bundle.post('/v1.0/$batch', { requests: requests.slice(0, 4) });
    const first = four();
    await bundle.inFlight(4);
    const second = await four();
    const answers = [await first, second].flatMap(({ status, body }) => {
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
