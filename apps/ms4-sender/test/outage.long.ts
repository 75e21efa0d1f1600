import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { BatchWorker } from '@ms1/bullmq-batch';
import { createHttpClient } from '@ms1/http-client';
import {
  bearerAuth,
  createMs4Client,
  encodeBatch,
  encodeItem,
  isMs4Transient,
} from '@ms1/ms4-client';
import { createOutboundPolicy } from '@ms1/resilience';
import { aDelivery, SIMULATOR_TOKEN, until } from '@ms1/testkit';

import { fullestWindow } from './fullest-window.ts';
import { startFleet } from './start-fleet.ts';

/** 4 minutes as 8 s: everything that has a time is 30 times faster (30 s between two probes at most). */
const OUTAGE_MS = 8_000;
const OPEN_MS = 67;
const OPEN_MS_MAX = 1_000;
const LIMIT = 20;
const SIZE = 5;

/** From then on the breaker has long been at its longest. */
const SETTLED_MS = 4_000;

test('MS4 down under load: no dead letter, no attempt, one probe at a time in the fleet, then 80 % of the limit', async () => {
  await using fleet = await startFleet();
  const env = {
    MS4_SENDER_BATCH_SIZE: String(SIZE),
    MS4_SENDER_BATCH_SIZE_PINNED: 'true',
    MS4_SENDER_CONCURRENCY: '4',
    MS4_REQUESTS_PER_SECOND_MAX: String(LIMIT),
    MS4_BREAKER_OPEN_MS: String(OPEN_MS),
    MS4_BREAKER_OPEN_MS_MAX: String(OPEN_MS_MAX),
  };
  await Promise.all([fleet.startSender(env), fleet.startSender(env)]);
  await fleet.delivered(await fleet.add(0, 20));

  await fleet.fault('ms4-5xx', { status: 503 });
  const arrivedBefore = (await fleet.arrivals()).length;
  const began = performance.now();
  const keys: string[] = [];
  while (performance.now() - began < OUTAGE_MS) {
    keys.push(...(await fleet.add(100 + keys.length, 120 + keys.length)));
    await wait(200);
  }
  for (const job of await fleet.queue.getJobs()) expect(job.attemptsMade).toBe(0);
  expect(await fleet.queue.getFailedCount()).toBe(0);
  const outage = (await fleet.arrivals()).slice(arrivedBefore);
  const settled = outage.filter((at) => at - (outage[0] ?? 0) > SETTLED_MS);
  expect(settled.length).toBeGreaterThanOrEqual(2);
  expect(fullestWindow(settled, OPEN_MS_MAX)).toBe(1);

  keys.push(...(await fleet.add(2_000, 3_000)));
  const arrivedDuring = (await fleet.arrivals()).length;
  await fleet.clearFaults();
  await fleet.delivered(keys);
  const after = (await fleet.arrivals()).slice(arrivedDuring);
  expect(fullestWindow(after, 1_000)).toBeLessThanOrEqual(LIMIT);
  // The ramp: 1, 2, 4, 8, 16 a second after the probe; then what the limit gives.
  const [probe = 0] = after;
  const within = (fromMs: number, toMs: number) =>
    after.filter((at) => at - probe >= fromMs && at - probe < toMs).length;
  expect(within(0, 1_000)).toBeLessThanOrEqual(2);
  expect(within(0, 2_000)).toBeLessThanOrEqual(4);
  expect(within(5_500, 8_500)).toBeGreaterThanOrEqual(0.8 * LIMIT * 3);
  expect((await fleet.ms4()).stored).toBe(20 + keys.length);
  expect(await fleet.queue.getFailedCount()).toBe(0);
});

describe('control', () => {
  test('senders whose breakers know nothing of each other send a probe each', async () => {
    await using fleet = await startFleet();
    await fleet.fault('ms4-5xx', { status: 503 });
    const end = performance.now() + OUTAGE_MS;
    const send = async (n: number): Promise<void> => {
      const http = createHttpClient({
        name: 'ms4',
        origin: fleet.base,
        connections: 1,
        timeoutMs: 5_000,
        responseBytesMax: 100_000,
      });
      const policy = createOutboundPolicy({
        attempts: 1,
        backoff: { initialMs: 1, maxMs: 1 },
        breaker: { threshold: 10, openMs: OPEN_MS, openMsMax: OPEN_MS_MAX },
        isTransient: isMs4Transient,
      });
      const auth = bearerAuth(SIMULATOR_TOKEN);
      const client = createMs4Client({ http, retry: policy, auth, batchPath: '/v1/batches' });
      const batch = encodeBatch([encodeItem(aDelivery(n).record)]);
      while (performance.now() < end) {
        await client.storeBatch(batch).catch(() => undefined);
        await wait(20);
      }
      await http.close();
    };
    await Promise.all([1, 2, 3, 4].map(send));
    const outage = await fleet.arrivals();
    const settled = outage.filter((at) => at - (outage[0] ?? 0) > SETTLED_MS);
    expect(fullestWindow(settled, OPEN_MS_MAX)).toBeGreaterThan(1);
  });

  test('a worker that lets a job fail when MS4 does has burnt an attempt of each', async () => {
    await using fleet = await startFleet();
    await fleet.fault('ms4-5xx', { status: 503 });
    await fleet.add(0, 20);
    await using redis = await fleet.connect();
    const worker = new BatchWorker(
      fleet.queue.name,
      async () => {
        const answer = await fleet.post(encodeBatch([encodeItem(aDelivery(1).record)]));
        if (!answer.ok) throw new Error(`MS4 answered ${answer.status}`);
      },
      { ...redis, batch: { size: 20 } },
    );
    await until(async () => (await fleet.queue.getDelayedCount()) === 20, { what: 'all failed' });
    await worker.close();
    for (const job of await fleet.queue.getJobs()) expect(job.attemptsMade).toBe(1);
  });
});
