import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { openRedis, until } from '@ms1/testkit';
import { type Entrance, type RequestGateOptions } from '../src/gate/request-gate.ts';
import { RequestGate, readGate } from '../src/index.ts';

async function setup(options: Partial<RequestGateOptions> = {}) {
  const opened = await openRedis();
  const { redis } = opened;
  const other = opened.connect();
  const gate = (connection: typeof redis, prefix: string) =>
    new RequestGate(connection, {
      prefix,
      service: 'ms4',
      perSecond: 1_000,
      perMinute: 60_000,
      probeMs: 1_000,
      ...options,
    });
  return {
    ...opened,
    gate: gate(redis, '{ms1}'),
    /** of another process */
    other: gate(other, '{ms1}'),
    /** of another process that shares nothing: the control */
    stranger: gate(other, '{else}'),
    read: () => readGate(redis, { prefix: '{ms1}', service: 'ms4' }),
  };
}

const permitOf = (entrance: Entrance) => {
  if (!entrance.granted) throw new Error(`refused: ${entrance.reason}`);
  return entrance.permit;
};

/** A probe, once the breaker has been open long enough. */
const probeOf = (gate: RequestGate) =>
  until(
    async () => {
      const entrance = await gate.enter();
      return entrance.granted ? entrance.permit : null;
    },
    { what: 'the probe' },
  );

/** A process's breaker opens, by a request that is no probe. */
const trip = async (gate: RequestGate, ms = 100) =>
  permitOf(await gate.enter()).leave({ breaker: ms });

/** How many fell into the fullest window of `ms`. */
function fullest(times: readonly number[], ms: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.max(
    ...sorted.map((from) => sorted.filter((at) => at >= from && at < from + ms).length),
  );
}

/** Requests that arrive up to 150 ms after they were allowed. */
async function flood(gates: readonly RequestGate[], forMs: number): Promise<number[]> {
  const arrivals: number[] = [];
  const end = performance.now() + forMs;
  const send = async (gate: RequestGate, n: number): Promise<void> => {
    while (performance.now() < end) {
      const entrance = await gate.enter();
      if (!entrance.granted) {
        await delay(Math.min(entrance.retryInMs, 50));
        continue;
      }
      await delay((n * 37) % 150);
      arrivals.push(performance.now());
      await entrance.permit.leave({});
    }
  };
  await Promise.all(gates.flatMap((gate) => [1, 2, 3].map((n) => send(gate, n))));
  return arrivals;
}

describe('the rate', () => {
  test('holds in every sliding second over two processes, however late requests arrive, and is used to 80 %', async () => {
    await using bundle = await setup({ perSecond: 20 });
    const arrivals = await flood([bundle.gate, bundle.other], 4_000);
    expect(fullest(arrivals, 1_000)).toBeLessThanOrEqual(20);
    expect(arrivals.length).toBeGreaterThanOrEqual(0.8 * 20 * 4);
  });

  test('control: processes that do not share the gate go above it', async () => {
    await using bundle = await setup({ perSecond: 20 });
    const arrivals = await flood([bundle.gate, bundle.stranger], 2_000);
    expect(fullest(arrivals, 1_000)).toBeGreaterThan(20);
  });

  test('holds over the minute: what is used up says how long to wait', async () => {
    await using bundle = await setup({ perMinute: 3 });
    for (let n = 0; n < 3; n += 1) await permitOf(await bundle.gate.enter()).leave({});
    const refused = await bundle.other.enter();
    expect(refused).toMatchObject({ granted: false, reason: 'paced' });
    expect(refused.granted ? 0 : refused.retryInMs).toBeGreaterThan(50_000);
  });
});

describe('the breaker', () => {
  test('of one process shuts the gate for every process, then one probe enters', async () => {
    await using bundle = await setup();
    const late = permitOf(await bundle.other.enter());
    expect(await trip(bundle.gate, 300)).toBe(300);
    expect(await bundle.other.enter()).toMatchObject({ granted: false, reason: 'open' });
    // What began before has no say in it, whatever its process's breaker thinks.
    expect(await late.leave({ breaker: 'closed' })).toBeGreaterThan(0);
    await until(async () => (await bundle.read()).state === 'probing', { what: 'half-open' });
    const asked = await Promise.all(
      [1, 2, 3].flatMap(() => [bundle.gate.enter(), bundle.other.enter()]),
    );
    const granted = asked.filter((entrance) => entrance.granted);
    expect(granted).toHaveLength(1);
    expect(permitOf(granted[0] as Entrance).probeAfter).toBe(1);
    expect(asked.find((entrance) => !entrance.granted)).toMatchObject({ reason: 'probing' });
  });

  test('control: a process that does not share it goes on calling', async () => {
    await using bundle = await setup();
    await trip(bundle.gate);
    expect(await bundle.stranger.enter()).toMatchObject({ granted: true });
  });

  test('a probe that fails opens it again and is counted; one that answers closes it', async () => {
    await using bundle = await setup();
    await trip(bundle.gate);
    for (const openings of [1, 2]) {
      const probe = await probeOf(openings === 1 ? bundle.gate : bundle.other);
      expect(probe.probeAfter).toBe(openings);
      expect(await probe.leave({ breaker: 60 })).toBe(60);
    }
    expect(await (await probeOf(bundle.gate)).leave({ breaker: 'closed' })).toBeNull();
    expect((await probeOf(bundle.other)).probeAfter).toBeNull();
  });

  test('a probe whose process died is given up after its time', async () => {
    await using bundle = await setup({ probeMs: 150 });
    await trip(bundle.gate);
    const next = () =>
      until(async () => ((await bundle.other.enter()).granted ? true : null), { what: 'a probe' });
    await next();
    expect(await bundle.gate.enter()).toMatchObject({ reason: 'probing' });
    expect(await next()).toBe(true);
  });

  test('afterwards requests ramp up: 1, 2, 4, 8 in a step', async () => {
    await using bundle = await setup({ rampStepMs: 1_000 });
    await trip(bundle.gate, 50);
    await (await probeOf(bundle.gate)).leave({ breaker: 'closed' });
    const began = performance.now();
    const arrivals = await flood([bundle.gate, bundle.other], 3_900);
    const within = (from: number, to: number) =>
      arrivals.filter((at) => at - began >= from && at - began < to).length;
    expect(within(0, 1_000)).toBeLessThanOrEqual(1);
    expect(within(0, 2_000)).toBeLessThanOrEqual(3);
    expect(within(0, 3_000)).toBeLessThanOrEqual(7);
    expect(arrivals.length).toBeGreaterThan(7);
  });
});

describe('the service itself', () => {
  const ask = async (gate: RequestGate, ms: number, thenProbe: boolean) =>
    (await probeOf(gate)).leave({ retryAfter: { ms, thenProbe } });

  test('is left in peace for as long as it asks; a shorter wait cuts nothing', async () => {
    await using bundle = await setup();
    const shorter = permitOf(await bundle.other.enter());
    await ask(bundle.gate, 10_000, false);
    await shorter.leave({ retryAfter: { ms: 5, thenProbe: false } });
    const refused = await bundle.other.enter();
    expect(refused).toMatchObject({ granted: false, reason: 'held' });
    expect(refused.granted ? 0 : refused.retryInMs).toBeGreaterThan(9_000);
  });

  test('that said it is down gets one probe after that', async () => {
    await using bundle = await setup();
    await ask(bundle.gate, 50, true);
    expect(await bundle.other.enter()).toMatchObject({ reason: 'open' });
    expect((await probeOf(bundle.other)).probeAfter).toBe(0);
    expect(await bundle.gate.enter()).toMatchObject({ reason: 'probing' });
  });
});

describe('evidence', () => {
  test('when the service last delivered for anybody, and since when it is unwell', async () => {
    await using bundle = await setup();
    const { gate, other } = bundle;
    await permitOf(await gate.enter()).leave({});
    expect(await gate.evidence()).toMatchObject({ deliveredAt: 0 });
    await permitOf(await gate.enter()).leave({ delivered: true });
    const { now, deliveredAt } = await other.evidence();
    expect(deliveredAt).toBeGreaterThan(0);
    expect(deliveredAt).toBeLessThanOrEqual(now);
    expect(await bundle.read()).toMatchObject({ state: 'open', openedAt: null, deliveredAt });

    await trip(gate);
    const { openedAt } = await bundle.read();
    expect(openedAt).toBeGreaterThanOrEqual(deliveredAt);
    await (await probeOf(other)).leave({ breaker: 50 });
    expect((await bundle.read()).openedAt).toBe(openedAt);
    // A suspect's failure: the next probe need not wait longer for it.
    expect(await (await probeOf(other)).leave({})).toBe(0);
    const probe = permitOf(await gate.enter());
    await probe.leave({ retryAfter: { ms: 1, thenProbe: true } });
    await (await probeOf(other)).leave({ delivered: true, breaker: 'closed' });
    expect(await bundle.read()).toMatchObject({ openedAt: null });
  });
});
