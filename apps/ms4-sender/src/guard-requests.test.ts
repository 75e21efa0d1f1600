import { describe, expect, test } from '@jest/globals';
import type { RequestEnd } from '@ms1/coordination';
import {
  Ms4RefusedError,
  Ms4ThrottledError,
  Ms4TooLargeError,
  Ms4UnavailableError,
  type SentAs,
} from '@ms1/ms4-client';

import { createGuard } from './guard-requests.ts';
import { RequestHeldError } from './pause-for.ts';

type Refusal = { reason: 'held' | 'open' | 'probing' | 'paced'; retryInMs: number };

/** A gate that refuses so often and then grants, to a probe after so many openings. */
function setup({
  refusals = [],
  probeAfter = null,
}: {
  refusals?: Refusal[];
  probeAfter?: number | null;
} = {}) {
  const seen: unknown[] = [];
  const leave = async ({ delivered, breaker, retryAfter }: RequestEnd) => {
    seen.push({
      ...(delivered && { delivered }),
      ...(breaker !== null && { breaker }),
      ...(retryAfter && { retryAfter }),
    });
    return typeof breaker === 'number' ? breaker : null;
  };
  const gate: Parameters<typeof createGuard>[0]['gate'] = {
    async enter() {
      const refusal = refusals.shift();
      if (refusal) return { granted: false, ...refusal };
      return { granted: true, permit: { probeAfter, leave } };
    },
  };
  const { guard, openForMs } = createGuard({
    gate,
    breaker: { threshold: 3, openMs: 1_000, openMsMax: 1_000 },
    onBreaker: () => undefined,
    onError: () => seen.push('lost'),
    sleep: async (ms) => seen.push(`slept ${ms}`),
  });
  const send = async (error: Error | null = null, as: SentAs = 'record'): Promise<unknown> => {
    const request = async () => {
      if (error) throw error;
      return 'answer';
    };
    try {
      return await guard(request, signal, as);
    } catch (thrown) {
      return thrown;
    }
  };
  return { send, gate, seen, openForMs };
}

const { signal } = new AbortController();
const unavailable = new Ms4UnavailableError(500);
const opened = { breaker: expect.any(Number) };
const closed = { breaker: 'closed' };
const busy = new Ms4ThrottledError(429, 700);
const down = new Ms4ThrottledError(503, 900);

describe('the guard of MS4', () => {
  test('waits for its turn of the rate, as often as it takes', async () => {
    const paced = (retryInMs: number): Refusal => ({ reason: 'paced', retryInMs });
    const { send, seen } = setup({ refusals: [paced(300), paced(50)] });
    expect(await send()).toBe('answer');
    expect(seen).toEqual(['slept 300', 'slept 50', { delivered: true }]);
  });

  test.each<[Refusal['reason'], number, number]>([
    ['paced', 50_000, 50_000],
    ['held', 300, 300],
    ['open', 2_000, 2_000],
    // Its lease is as long as a request may take; its answer is sooner.
    ['probing', 35_000, 1_000],
  ])('lets the queue rest when the gate is shut: %s', async (reason, retryInMs, restMs) => {
    const { send } = setup({ refusals: [{ reason, retryInMs }] });
    const error = await send();
    expect(error).toBeInstanceOf(RequestHeldError);
    expect(error).toMatchObject({ retryInMs: restMs });
  });

  test('failures in a row open the breaker, and the gate is told for how long', async () => {
    const { send, seen, openForMs } = setup();
    for (let n = 0; n < 3; n += 1) expect(await send(unavailable)).toBe(unavailable);
    expect(seen).toEqual([{}, {}, opened]);
    expect(openForMs()).toBeGreaterThan(900);
    // The gate is open all the same: somebody's probe closed it. So is the breaker.
    for (let n = 0; n < 2; n += 1) await send(unavailable);
    expect(seen.slice(3)).toEqual([{}, {}]);
    expect(openForMs()).toBeNull();
  });

  test.each<[string, Error | null, unknown]>([
    ['verdicts', null, { delivered: true, ...closed }],
    ['500', unavailable, opened],
    ['422', new Ms4RefusedError(422, []), closed],
    ['413', new Ms4TooLargeError(), closed],
    ['429', busy, { ...closed, retryAfter: { ms: 700, thenProbe: false } }],
    ['503', down, { ...opened, retryAfter: { ms: 900, thenProbe: true } }],
    ['an abort', new Error('aborted'), {}],
  ])('a probe decides for the fleet: %s', async (_, error, told) => {
    const { send, seen } = setup({ probeAfter: 2 });
    await send(error);
    expect(seen).toEqual([told]);
  });

  test.each<[SentAs, Error | null, unknown]>([
    ['suspect', unavailable, {}],
    ['suspect', down, {}],
    ['suspect', busy, closed],
    ['suspect', null, { delivered: true, ...closed }],
    ['control', busy, { ...closed, retryAfter: { ms: 700, thenProbe: false } }],
    // It was stored before: no sign that anything new is.
    ['control', null, closed],
    ['control', unavailable, {}],
    ['question', null, {}],
    ['question', unavailable, {}],
  ])('a %s tells less', async (as, error, told) => {
    const { send, seen } = setup({ probeAfter: 0 });
    await send(error, as);
    expect(seen).toEqual([told]);
  });

  test('a gate that cannot be reached lets nothing through, and loses no verdict', async () => {
    const { send, gate, seen } = setup();
    const lost = () => Promise.reject(new Error('redis is away'));
    const enter = gate.enter;
    gate.enter = async () => ({ granted: true, permit: { probeAfter: null, leave: lost } });
    expect(await send()).toBe('answer');
    expect(seen).toEqual(['lost']);
    gate.enter = lost;
    expect(await send()).toBeInstanceOf(RequestHeldError);
    gate.enter = enter;
    expect(await send()).toBe('answer');
  });
});
