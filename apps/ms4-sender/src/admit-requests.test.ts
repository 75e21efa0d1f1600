import { describe, expect, test } from '@jest/globals';
import {
  Ms4RefusedError,
  Ms4ThrottledError,
  Ms4TooLargeError,
  Ms4UnavailableError,
  type SentAs,
} from '@ms1/ms4-client';

import { createAdmission, type Gate } from './admit-requests.ts';
import { RequestHeldError } from './request-held-error.ts';

type Refusal = { reason: string; retryInMs: number };

/** A gate that refuses so often and then grants. */
function setup(refusals: Refusal[] = [], change: 'closed' | 'open' | null = null) {
  const seen: string[] = [];
  const gate: Gate = {
    async enter() {
      const refusal = refusals.shift();
      if (refusal) return { granted: false, ...refusal };
      const leave = async (outcome: string) => {
        seen.push(`left ${outcome}`);
        return change;
      };
      return { granted: true, permit: { leave } };
    },
    hold: async (ms) => void seen.push(`held ${ms}`),
    holdAndProbe: async (ms) => void seen.push(`held ${ms} and probe`),
  };
  const admission = createAdmission({
    gate,
    onBreaker: (state) => seen.push(state),
    onError: () => seen.push('lost'),
    sleep: async (ms) => seen.push(`slept ${ms}`),
  });
  return { enter: () => admission.enter(new AbortController().signal), gate, seen };
}

describe('admission', () => {
  test('waits for its turn of the rate, as often as it takes', async () => {
    const { enter, seen } = setup([
      { reason: 'paced', retryInMs: 300 },
      { reason: 'paced', retryInMs: 50 },
    ]);
    await (await enter())(null, 'record');
    expect(seen).toEqual(['slept 300', 'slept 50', 'left delivered']);
  });

  test.each([
    ['paced', 50_000, 50_000],
    ['held', 300, 300],
    ['open', 2_000, 2_000],
    // Its lease is as long as a request may take; its answer is sooner.
    ['probing', 35_000, 1_000],
  ])('lets the queue rest when the gate is shut: %s', async (reason, retryInMs, restMs) => {
    const { enter } = setup([{ reason, retryInMs }]);
    const error = await enter().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RequestHeldError);
    expect(error).toMatchObject({ retryInMs: restMs });
  });

  test.each([
    [new Ms4UnavailableError(500), ['left failed']],
    [new Ms4RefusedError(422, []), ['left answered']],
    [new Ms4TooLargeError(), ['left answered']],
    [new Ms4ThrottledError(429, 700), ['left answered', 'held 700']],
    [new Ms4ThrottledError(503, 900), ['left failed', 'held 900 and probe']],
    [new Error('aborted'), ['left unknown']],
  ])('tells the gate how a request ended: %s', async (error, told) => {
    const { enter, seen } = setup();
    await (await enter())(error, 'record');
    expect(seen).toEqual(told);
  });

  test.each<[SentAs, Error | null, string[]]>([
    ['suspect', new Ms4UnavailableError(500), ['left unknown']],
    ['suspect', new Ms4ThrottledError(503, 900), ['left unknown']],
    ['suspect', new Ms4ThrottledError(429, 700), ['left answered']],
    ['control', new Ms4ThrottledError(429, 700), ['left answered', 'held 700']],
    ['suspect', null, ['left delivered']],
    // It was stored before: no sign that anything new is.
    ['control', null, ['left answered']],
    ['control', new Ms4UnavailableError(500), ['left failed']],
  ])('a %s tells less', async (as, error, told) => {
    const { enter, seen } = setup();
    await (await enter())(error, as);
    expect(seen).toEqual(told);
  });

  test('says what its probe did to the breaker', async () => {
    const { enter, seen } = setup([], 'closed');
    await (await enter())(null, 'record');
    expect(seen).toEqual(['left delivered', 'closed']);
  });

  test('a gate that cannot be reached lets nothing through, and loses no verdict', async () => {
    const { enter, gate, seen } = setup();
    const leave = await enter();
    gate.hold = () => Promise.reject(new Error('redis is away'));
    await leave(new Ms4ThrottledError(429, 700), 'record');
    expect(seen).toEqual(['left answered', 'lost']);
    gate.enter = () => Promise.reject(new Error('redis is away'));
    await expect(enter()).rejects.toBeInstanceOf(RequestHeldError);
  });
});
