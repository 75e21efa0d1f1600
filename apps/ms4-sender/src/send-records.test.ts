import { describe, expect, test } from '@jest/globals';
import {
  type EncodedBatch,
  encodeItem,
  Ms4AuthError,
  Ms4ProtocolError,
  Ms4RefusedError,
  Ms4ThrottledError,
  Ms4TooLargeError,
  Ms4UnavailableError,
  type Verdict,
} from '@ms1/ms4-client';
import { BreakerOpenError, createOutboundPolicy } from '@ms1/resilience';
import * as fc from 'fast-check';

import { aPayload } from '../test/a-payload.ts';
import { sendRecords } from './send-records.ts';

type Answer = (ids: string[]) => Map<string, Verdict>;

const itemsOf = (count: number) =>
  Array.from({ length: count }, (_, n) => encodeItem(aPayload(n).record));
const storedAll: Answer = (ids) => new Map(ids.map((id) => [id, { status: 'stored' }]));
const signal = new AbortController().signal;

async function send(count: number, answer: Answer, openForMs = () => 0) {
  const items = itemsOf(count);
  const tooLarge: number[] = [];
  const sent = await sendRecords(
    items,
    {
      storeBatch: async (batch: EncodedBatch) => answer(batch.items.map(({ id }) => id)),
      openForMs,
      onTooLarge: (bytes) => tooLarge.push(bytes),
    },
    signal,
  );
  const kinds = items.map(({ id }) => sent.fates.get(id)?.kind);
  return { ...sent, kinds, ids: items.map(({ id }) => id), tooLarge };
}

/** Refuses every batch that holds one of these, as MS4 does when it does not say which. */
function poisoned(bad: ReadonlySet<string>, error: () => Error): Answer {
  return (ids) => {
    if (ids.some((id) => bad.has(id))) throw error();
    return storedAll(ids);
  };
}

describe('verdicts', () => {
  test('each record has its own fate, all from one request', async () => {
    const verdicts: Verdict['status'][] = ['accepted', 'stored', 'duplicate', 'rejected', 'retry'];
    const { fates, requests, batchId } = await send(5, (ids) => {
      return new Map(ids.map((id, n) => [id, { status: verdicts[n] ?? 'retry', code: `c${n}` }]));
    });
    expect(requests).toBe(1);
    expect([...fates.values()]).toEqual([
      { kind: 'delivered', receipt: `${batchId}:accepted`, duplicate: false },
      { kind: 'delivered', receipt: `${batchId}:stored`, duplicate: false },
      { kind: 'delivered', receipt: `${batchId}:duplicate`, duplicate: true },
      { kind: 'dead', reason: 'c3' },
      { kind: 'retry', code: 'c4' },
    ]);
  });

  test('nothing to send is no request', async () => {
    expect(await send(0, storedAll)).toMatchObject({ requests: 0, pause: null });
  });
});

describe('poison', () => {
  test('pointers: exactly those die, the others go out in one more request', async () => {
    const bad = new Set(itemsOf(9).flatMap(({ id }, n) => (n === 3 || n === 7 ? [id] : [])));
    const { kinds, requests, fates } = await send(9, (ids) => {
      const items = ids.filter((id) => bad.has(id)).map((id) => ({ id, code: 'bad_subject' }));
      if (items.length > 0) throw new Ms4RefusedError(422, items);
      return storedAll(ids);
    });
    expect(requests).toBe(2);
    expect(kinds.filter((kind) => kind === 'dead')).toHaveLength(2);
    expect(fates.get([...bad][0] ?? '')).toEqual({ kind: 'dead', reason: 'bad_subject' });
  });

  test.each([
    [422, 'refused'],
    [400, 'refused'],
    [409, 'key_conflict'],
  ])(
    '%p without pointers: one bad among n dies as %p, within 2 log2 n + 2 more requests',
    async (status, reason) => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 500 }).chain((n) => fc.tuple(fc.constant(n), fc.nat(n - 1))),
          async ([n, at]) => {
            const id = itemsOf(n)[at]?.id ?? '';
            const answer = poisoned(new Set([id]), () => new Ms4RefusedError(status, []));
            const { kinds, requests, fates } = await send(n, answer);
            expect(kinds.filter((kind) => kind === 'delivered')).toHaveLength(n - 1);
            expect(fates.get(id)).toEqual({ kind: 'dead', reason });
            expect(requests - 1).toBeLessThanOrEqual(2 * Math.log2(n) + 2);
          },
        ),
        { numRuns: 30 },
      );
    },
  );

  test('413 halves until it fits, and says how large was too large', async () => {
    const { kinds, tooLarge } = await send(40, (ids) => {
      if (ids.length > 7) throw new Ms4TooLargeError();
      return storedAll(ids);
    });
    expect(kinds.every((kind) => kind === 'delivered')).toBe(true);
    expect(tooLarge.length).toBeGreaterThan(0);
  });

  test('a single record that is too large dies alone', async () => {
    const bad = new Set([itemsOf(8)[5]?.id ?? '']);
    const { kinds, fates } = await send(
      8,
      poisoned(bad, () => new Ms4TooLargeError()),
    );
    expect(fates.get([...bad][0] ?? '')).toEqual({ kind: 'dead', reason: 'too_large' });
    expect(kinds.filter((kind) => kind === 'delivered')).toHaveLength(7);
  });

  test('a record that makes MS4 answer 500 is found and retried on its own count, through a real breaker', async () => {
    for (const at of [0, 250, 499]) {
      const bad = new Set([itemsOf(500)[at]?.id ?? '']);
      const answer = poisoned(bad, () => new Ms4UnavailableError('exchange', 500));
      const policy = createOutboundPolicy({
        attempts: 3,
        backoff: { initialMs: 0, maxMs: 0 },
        breaker: { threshold: 10, openMs: 60_000, openMsMax: 60_000 },
        isTransient: (error) => error instanceof Ms4UnavailableError,
      });
      const sent = await sendRecords(
        itemsOf(500),
        {
          storeBatch: (batch) =>
            policy.execute(async () => answer(batch.items.map(({ id }) => id))),
          openForMs: () => policy.openForMs(),
          onTooLarge: () => undefined,
        },
        signal,
      );
      expect(sent.pause).toBeNull();
      expect(sent.fates.get([...bad][0] ?? '')).toEqual({ kind: 'retry', code: 'ms4_500' });
      expect([...sent.fates.values()].filter(({ kind }) => kind === 'delivered')).toHaveLength(499);
    }
  });
});

describe('what is about MS4 judges no record', () => {
  test.each<[string, Error, number]>([
    ['an open breaker', new BreakerOpenError(1_234.5), 1_235],
    ['throttling', new Ms4ThrottledError(429, 7_000), 7_000],
    ['a Retry-After of 0', new Ms4ThrottledError(429, 0), 250],
    ['refused credentials', new Ms4AuthError(401), 30_000],
    ['no answer', new Ms4UnavailableError('exchange', undefined), 1_000],
    ['502', new Ms4UnavailableError('exchange', 502), 1_000],
    ['an answer out of contract', new Ms4ProtocolError('HTML'), 1_000],
  ])('%s', async (_name, cause, ms) => {
    const { fates, pause, requests } = await send(10, () => {
      throw cause;
    });
    expect(pause).toEqual({ ms, cause });
    expect(fates.size).toBe(0);
    expect(requests).toBe(1);
  });

  test('an MS4 that answers 500 to everything costs a few requests and no attempt', async () => {
    let calls = 0;
    const { fates, pause } = await send(
      500,
      () => {
        calls += 1;
        throw new Ms4UnavailableError('exchange', 500);
      },
      () => (calls >= 4 ? 2_000 : 0),
    );
    expect(calls).toBe(4);
    expect(pause?.ms).toBe(2_000);
    expect(fates.size).toBe(0);
  });

  test('verdicts that came before the pause stand', async () => {
    const { kinds, pause } = await send(10, (ids) => {
      if (ids.length === 10) throw new Ms4TooLargeError();
      if (ids.includes(itemsOf(10)[9]?.id ?? '')) throw new Ms4ThrottledError(429, 1_000);
      return storedAll(ids);
    });
    expect(kinds.filter((kind) => kind === 'delivered')).toHaveLength(5);
    expect(pause?.ms).toBe(1_000);
  });

  test('an abort, or a fault of ours, is no refusal: nothing is split, nobody is judged', async () => {
    let calls = 0;
    const stopped = send(10, () => {
      calls += 1;
      throw new Error('closing');
    });
    await expect(stopped).rejects.toThrow('closing');
    expect(calls).toBe(1);
  });
});
