import { describe, expect, test } from '@jest/globals';
import type { RequestEnd } from '@ms1/coordination';
import { HttpTimeoutError } from '@ms1/http-client';
import {
  type EncodedBatch,
  encodeItem,
  Ms4AuthError,
  type Ms4Error,
  Ms4ProtocolError,
  Ms4RefusedError,
  Ms4ThrottledError,
  Ms4TooLargeError,
  Ms4UnavailableError,
  type Verdict,
} from '@ms1/ms4-client';
import { createRetry } from '@ms1/resilience';
import { aDelivery } from '@ms1/testkit';
import * as fc from 'fast-check';

import { createGuard } from './guard-requests.ts';
import { RequestHeldError } from './pause-for.ts';
import { type SendRecordsOptions, sendRecords } from './send-records.ts';

type Answer = (ids: string[]) => Map<string, Verdict>;

const itemsOf = (count: number) =>
  Array.from({ length: count }, (_, n) => encodeItem(aDelivery(n).record));
const storedAll: Answer = (ids) => new Map(ids.map((id) => [id, { status: 'stored' }]));
const signal = new AbortController().signal;

interface Setting extends SendRecordsOptions {
  openForMs?: () => number | null;
  acceptsCredentials?: boolean;
}

async function send(count: number, answer: Answer, setting: Setting = {}) {
  const { openForMs = () => null, acceptsCredentials = false, ...options } = setting;
  const items = itemsOf(count);
  const tooLarge: number[] = [];
  const sizes: number[] = [];
  const sent = await sendRecords(
    items,
    {
      async storeBatch(batch: EncodedBatch) {
        sizes.push(batch.items.length);
        return answer(batch.items.map(({ id }) => id));
      },
      openForMs,
      acceptsCredentials: async () => acceptsCredentials,
      onTooLarge: (bytes) => tooLarge.push(bytes),
    },
    signal,
    options,
  );
  const kinds = items.map(({ id }) => sent.fates.get(id)?.kind);
  return { ...sent, kinds, ids: items.map(({ id }) => id), tooLarge, sizes };
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
    [422, 'ms4_422'],
    [400, 'ms4_400'],
    [409, 'key_conflict'],
  ])(
    '%p without pointers: one bad among n dies as %p, within 2 log2 n + 2 more requests',
    async (status, reason) => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 2, max: 500 }).chain((n) => fc.tuple(fc.constant(n), fc.nat(n - 1))),
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

  test.each([2, 8])(
    'a single record of %i that is too large dies alone, and says nothing of the others',
    async (count) => {
      const bad = new Set([itemsOf(count).at(-1)?.id ?? '']);
      const { kinds, fates, tooLarge } = await send(
        count,
        poisoned(bad, () => new Ms4TooLargeError()),
      );
      expect(fates.get([...bad][0] ?? '')).toEqual({ kind: 'dead', reason: 'too_large' });
      expect(kinds.filter((kind) => kind === 'delivered')).toHaveLength(count - 1);
      expect(tooLarge).toEqual([]);
    },
  );

  test.each<[string, Ms4Error, string]>([
    ['400', new Ms4RefusedError(400, []), 'ms4_400'],
    ['409', new Ms4RefusedError(409, []), 'key_conflict'],
    ['413', new Ms4TooLargeError(), 'too_large'],
  ])(
    'an MS4 that answers %s to everything: a pause after a few requests, no dead letter, nothing learnt',
    async (_, error, code) => {
      const refuse: Answer = () => {
        throw error;
      };
      const many = await send(500, refuse);
      expect(many).toMatchObject({ requests: 20, pause: { ms: 5_000, cause: error } });
      expect([many.fates.size, many.tooLarge]).toEqual([0, []]);
      // Then it is asked with one, which may be at fault by itself.
      const careful = await send(500, refuse, { careful: true });
      expect(careful).toMatchObject({ requests: 1, pause: { ms: 5_000 } });
      const suspect = { kind: 'suspect', code, isRefused: true };
      expect([...careful.fates.values()]).toEqual([suspect]);
      const alone = await send(1, refuse);
      expect(alone.pause).toBeNull();
      expect([...alone.fates.values()]).toEqual([suspect]);
    },
  );

  test('what MS4 points at is dead at once, and no pause for the others, also after trouble', async () => {
    const [first] = itemsOf(1);
    const { kinds, pause } = await send(
      6,
      (ids) => {
        const items = ids
          .filter((id) => id === first?.id)
          .map((id) => ({ id, code: 'bad_subject' }));
        if (items.length > 0) throw new Ms4RefusedError(422, items);
        return storedAll(ids);
      },
      { careful: true },
    );
    expect(pause).toBeNull();
    expect(kinds).toEqual(['dead', ...Array.from({ length: 5 }, () => 'delivered')]);
  });

  test('a limit is learnt beside a record that is too large by itself', async () => {
    const [first] = itemsOf(1);
    const { tooLarge } = await send(40, (ids) => {
      if (ids.length > 7 || ids.includes(first?.id ?? '')) throw new Ms4TooLargeError();
      return storedAll(ids);
    });
    expect(tooLarge).toHaveLength(1);
  });

  test.each([1, 2, 7])(
    '%i records that make MS4 answer 500 are suspects, alone, through a real breaker',
    async (count) => {
      for (const at of [0, 250, 493]) {
        const bad = new Set(
          itemsOf(500)
            .slice(at, at + count)
            .map(({ id }) => id),
        );
        const answer = poisoned(bad, () => new Ms4UnavailableError(500));
        const retry = createRetry({
          attempts: 3,
          backoff: { initialMs: 0, maxMs: 0 },
          isWorthRetrying: (error) => error instanceof Ms4UnavailableError,
        });
        const gate = { enter: async () => ({ granted: true, permit }) as const };
        const permit = {
          probeAfter: null,
          leave: async ({ breaker = null }: RequestEnd) => Number(breaker) || null,
        };
        const breaker = { threshold: 10, openMs: 60_000, openMsMax: 60_000 };
        const told = { onBreaker: () => undefined, onError: () => undefined };
        const { guard, openForMs } = createGuard({ gate, breaker, ...told });
        const sent = await sendRecords(
          itemsOf(500),
          {
            storeBatch(batch, stop = signal, { as = 'record', retries = true } = {}) {
              const request = async () => answer(batch.items.map(({ id }) => id));
              const call = () => guard(request, stop, as);
              return retries ? retry.execute(call, stop) : call();
            },
            openForMs,
            acceptsCredentials: async () => true,
            onTooLarge: () => undefined,
          },
          signal,
        );
        expect(sent.pause).toBeNull();
        for (const id of bad) {
          expect(sent.fates.get(id)).toEqual({ kind: 'suspect', code: 'ms4_500' });
        }
        const delivered = [...sent.fates.values()].filter(({ kind }) => kind === 'delivered');
        expect(delivered).toHaveLength(500 - count);
      }
    },
  );

  test.each<[string, Error, string, boolean]>([
    ['502', new Ms4UnavailableError(502), 'ms4_502', false],
    ['a reset', new Ms4UnavailableError(), 'ms4_no_answer', false],
    ['the page of a firewall', new Ms4ProtocolError('HTML'), 'ms4_protocol', false],
    ['404', new Ms4ProtocolError('status 404', { status: 404 }), 'ms4_404', false],
    ['403 while our credentials are good for others', new Ms4AuthError(403), 'ms4_403', true],
    ['401, the same', new Ms4AuthError(401), 'ms4_401', true],
  ])('%s for one record only: the others are delivered', async (_name, error, code, accepts) => {
    const bad = itemsOf(20)[13]?.id ?? '';
    const { fates, kinds, pause } = await send(
      20,
      poisoned(new Set([bad]), () => error),
      { acceptsCredentials: accepts },
    );
    expect(fates.get(bad)).toEqual({ kind: 'suspect', code });
    expect(kinds.filter((kind) => kind === 'delivered')).toHaveLength(19);
    expect(pause).toBeNull();
  });

  test('one that costs the whole deadline is found in 3 steps, and the others hear of it as they go', async () => {
    const bad = itemsOf(500)[321]?.id ?? '';
    const error = new Ms4UnavailableError(undefined, new HttpTimeoutError('ms4', 1, true));
    let deadlines = 0;
    const { fates, sizes } = await send(
      500,
      poisoned(new Set([bad]), () => {
        deadlines += 1;
        return error;
      }),
    );
    expect(fates.get(bad)).toEqual({ kind: 'suspect', code: 'ms4_timeout' });
    expect(fates.size).toBe(500);
    expect(deadlines).toBe(4);
    expect(sizes.length).toBeLessThanOrEqual(25);
  });

  test('one for which MS4 asks to wait is set aside where it was asked alone, after another was taken', async () => {
    const bad = itemsOf(4)[3]?.id ?? '';
    const wait = () => new Ms4ThrottledError(429, 7_000);
    const answer = poisoned(new Set([bad]), wait);
    expect(await send(4, answer)).toMatchObject({ sizes: [4], pause: { ms: 7_000 } });
    const halved = await send(4, answer, { cuts: 2 });
    expect(halved).toMatchObject({ sizes: [2, 2], pause: { ms: 7_000 } });
    const alone = await send(4, answer, { cuts: 4 });
    expect(alone.fates.get(bad)).toEqual({ kind: 'suspect', code: 'ms4_429' });
    expect(alone).toMatchObject({ sizes: [1, 1, 1, 1], pause: null });
    // Of an MS4 that takes nobody it is not known.
    const none = await send(4, poisoned(new Set(itemsOf(4).map(({ id }) => id)), wait), {
      cuts: 4,
    });
    expect(none).toMatchObject({ sizes: [1], pause: { ms: 7_000 } });
    expect(none.fates.size).toBe(0);
  });

  test('after trouble a batch begins with one record, and a 503 for one of them sets that one aside', async () => {
    const [first] = itemsOf(1);
    const answer = poisoned(new Set([first?.id ?? '']), () => new Ms4ThrottledError(503, 900));
    const { fates, sizes, pause } = await send(100, answer, { careful: true });
    expect(sizes).toEqual([1]);
    expect([...fates.values()]).toEqual([{ kind: 'suspect', code: 'ms4_503' }]);
    expect(pause?.ms).toBe(900);
    expect((await send(100, storedAll, { careful: true })).sizes).toEqual([1, 4, 16, 64, 15]);
  });
});

describe('what is about MS4 judges no record', () => {
  test.each<[string, Error, number]>([
    ['a gate that is shut', new RequestHeldError('open', 1_234.5), 1_235],
    ['throttling', new Ms4ThrottledError(429, 7_000), 7_000],
    ['a Retry-After of 0', new Ms4ThrottledError(429, 0), 250],
    ['refused credentials', new Ms4AuthError(401), 30_000],
    ['no answer while the breaker is open', new Ms4UnavailableError(), 1_000],
    ['502 while it is', new Ms4UnavailableError(502), 1_000],
    ['an answer out of contract while it is', new Ms4ProtocolError('HTML'), 1_000],
  ])('%s', async (_name, cause, ms) => {
    const { fates, pause, requests } = await send(
      10,
      () => {
        throw cause;
      },
      { openForMs: () => 700 },
    );
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
        throw new Ms4UnavailableError(500);
      },
      { openForMs: () => (calls >= 4 ? 700 : null) },
    );
    expect(calls).toBe(4);
    expect(pause).not.toBeNull();
    expect(fates.size).toBe(0);
  });

  test('credentials that are good for reading only are found out after ten refusals in a row', async () => {
    const { fates, pause, requests } = await send(
      500,
      () => {
        throw new Ms4AuthError(403);
      },
      { acceptsCredentials: true },
    );
    expect(pause?.cause).toBeInstanceOf(Ms4AuthError);
    expect(requests).toBe(10);
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
