import { describe, expect, test } from '@jest/globals';

import { GraphThrottledError } from '../errors/graph-error.ts';
import { createGovernor } from './create-governor.ts';

type Answer = Awaited<ReturnType<Parameters<typeof createGovernor>[0]['permits']['acquire']>>;

/** Permits that refuse `refusals` times, in virtual time. */
function setup({ refusals = 0, retryInMs = 100, waitMsMax = 1_000 } = {}) {
  const clock = { time: 0, now: () => clock.time };
  const seen = { asked: 0, released: 0, held: [] as [string, number][], waits: [] as number[] };
  const governor = createGovernor({
    clock,
    random: () => 0.5,
    waitMsMax,
    wait: async (ms) => {
      seen.waits.push(ms);
      clock.time += ms;
    },
    permits: {
      async acquire(): Promise<Answer> {
        seen.asked += 1;
        if (seen.asked <= refusals) return { granted: false, retryInMs };
        return { granted: true, release: async () => (seen.released += 1) };
      },
      async hold(mailboxId, ms) {
        seen.held.push([mailboxId, ms]);
      },
    },
  });
  return { clock, seen, governor };
}

const ONE = new Map([['a', 1]]);

describe('createGovernor', () => {
  test('waits for permits, with jitter, and then calls', async () => {
    const { governor, seen } = setup({ refusals: 2 });
    expect(await governor.run(ONE, async () => 'called')).toBe('called');
    expect(seen).toMatchObject({ asked: 3, released: 1, waits: [125, 125] });
  });

  test('gives back what would have to wait long, without calling, as throttled for that time', async () => {
    const { governor, seen } = setup({ refusals: 99, retryInMs: 60_000 });
    const error = await governor
      .run(ONE, () => Promise.reject(new Error('must not be called')))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GraphThrottledError);
    expect(error).toMatchObject({ retryAfterMs: 75_000 });
    expect(seen).toMatchObject({ waits: [], released: 0 });
  });

  test('gives the permits back when the call fails', async () => {
    const { governor, seen } = setup();
    await expect(governor.run(ONE, () => Promise.reject(new Error('failed')))).rejects.toThrow(
      'failed',
    );
    expect(seen).toMatchObject({ released: 1, held: [] });
  });

  test('holds every mailbox of a call that Graph throttled for as long as Graph said', async () => {
    const { governor, seen } = setup();
    const throttled = new GraphThrottledError('throttles', { status: 429, retryAfterMs: 7_000 });
    const weights = new Map([
      ['a', 1],
      ['b', 4],
    ]);
    await expect(governor.run(weights, () => Promise.reject(throttled))).rejects.toBe(throttled);
    expect(seen).toMatchObject({ released: 1 });
    expect(seen.held).toEqual([
      ['a', 7_000],
      ['b', 7_000],
    ]);
  });

  test('holds longer each time in a row when Graph does not say for how long, and begins anew after a rest', async () => {
    const { clock, governor, seen } = setup();
    for (let time = 0; time < 3; time += 1) await governor.throttled('a', null);
    clock.time += 3_600_000;
    await governor.throttled('a', null);
    expect(seen.held.map(([, ms]) => ms)).toEqual([2_000, 3_000, 5_000, 2_000]);
  });

  test('does not let a signal that aborted wait or call', async () => {
    const { governor, seen } = setup({ refusals: 99 });
    const signal = AbortSignal.abort(new Error('stopping'));
    await expect(governor.run(ONE, async () => 'called', signal)).rejects.toThrow('stopping');
    expect(seen.asked).toBe(0);
  });
});
