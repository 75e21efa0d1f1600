import { describe, expect, test } from '@jest/globals';
import { HttpTimeoutError } from '@ms1/http-client';

import {
  GraphNotFoundError,
  GraphThrottledError,
  GraphTimeoutError,
  GraphTransientError,
  GraphUnavailableError,
} from '../errors/graph-error.ts';
import { MailboxGovernor } from './mailbox-governor.ts';

type Answer = Awaited<
  ReturnType<ConstructorParameters<typeof MailboxGovernor>[0]['permits']['acquire']>
>;
type Reason = 'held' | 'spent' | 'busy';

/** Permits that refuse `refusals` times, in virtual time. */
function setup(
  options: {
    refusals?: number;
    retryInMs?: number;
    waitMsMax?: number;
    holdWaitMsMax?: number;
    reason?: Reason;
    probe?: boolean;
    parked?: boolean;
  } = {},
) {
  const {
    refusals = 0,
    retryInMs = 100,
    waitMsMax = 1_000,
    reason = 'busy',
    probe = false,
    parked = false,
  } = options;
  const { holdWaitMsMax = waitMsMax } = options;
  const clock = { time: 0, now: () => clock.time };
  const seen = {
    asked: 0,
    tickets: [] as (string | undefined)[],
    live: [] as boolean[],
    released: [] as (boolean | undefined)[],
    answered: [] as (boolean | undefined)[],
    held: [] as [string, number | null, boolean][],
    waits: [] as number[],
    served: [] as string[],
  };
  const governor = new MailboxGovernor({
    clock,
    random: () => 0.5,
    waitMsMax,
    holdWaitMsMax,
    onServed: (mailboxId) => seen.served.push(mailboxId),
    wait: async (ms) => {
      seen.waits.push(ms);
      clock.time += ms;
    },
    permits: {
      limits: LIMITS,
      async acquire({ ticket, live, permits }): Promise<Answer> {
        seen.asked += 1;
        seen.tickets.push(ticket);
        seen.live.push(live);
        if (seen.asked <= refusals) return { granted: false, reason, retryInMs, ticket: 'mine' };
        const release = async (well?: boolean, answered?: boolean) => {
          seen.released.push(well);
          seen.answered.push(answered);
        };
        return { granted: true, permits, probe, parked, used: 0, release };
      },
      async hold(mailboxId, ms, { probe: probed = false } = {}) {
        seen.held.push([mailboxId, ms, probed]);
        return ms ?? 2_000;
      },
    },
  });
  return { clock, seen, governor };
}

const timedOut = (sent: boolean): GraphTimeoutError =>
  new GraphTimeoutError('', { status: null, cause: new HttpTimeoutError('graph', 30_000, sent) });

const ONE = { mailboxId: 'a' };
const LIMITS = { slots: 4, windowRequests: 10_000, windowMs: 600_000 };
const release = async () => undefined;

describe('MailboxGovernor', () => {
  test('waits for permits, with jitter, and then calls', async () => {
    const { governor, seen } = setup({ refusals: 2 });
    expect(await governor.run(ONE, async () => 'called')).toBe('called');
    expect(seen).toMatchObject({ asked: 3, released: [true], waits: [125, 200] });
  });

  test('gives back what would have to wait long, without calling, as throttled for that time', async () => {
    const { governor, seen } = setup({ refusals: 99, retryInMs: 60_000 });
    const error = await governor
      .run(ONE, () => Promise.reject(new Error('must not be called')))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GraphThrottledError);
    expect(error).toMatchObject({ retryAfterMs: 75_000 });
    expect(seen).toMatchObject({ waits: [], released: [] });
  });

  test('gives the permits back when the call fails', async () => {
    const { governor, seen } = setup();
    await expect(governor.run(ONE, () => Promise.reject(new Error('failed')))).rejects.toThrow(
      'failed',
    );
    expect(seen).toMatchObject({ released: [false], held: [] });
  });

  test.each<[string, Error, [string, number | null, boolean][], boolean]>([
    [
      'throttled: held as long as Graph said',
      new GraphThrottledError('', { status: 429, retryAfterMs: 7_000 }),
      [['a', 7_000, false]],
      false,
    ],
    [
      'throttled without a length: a backoff',
      new GraphThrottledError('', { status: 429 }),
      [['a', null, false]],
      false,
    ],
    [
      'a mailbox that moves: held, and one probe after it',
      new GraphUnavailableError('', { status: 503 }),
      [['a', null, true]],
      false,
    ],
    [
      'our own breaker says nothing about the mailbox',
      new GraphUnavailableError('', { status: null, retryAfterMs: 5_000 }),
      [],
      false,
    ],
    ['a 500 holds nobody', new GraphTransientError('', { status: 500 }), [], false],
    [
      'a 404 shows that the mailbox is there',
      new GraphNotFoundError('', { status: 404 }),
      [],
      true,
    ],
  ])('%s', async (_name, error, held, well) => {
    const { governor, seen } = setup({ probe: true });
    await expect(governor.run(ONE, () => Promise.reject(error))).rejects.toBe(error);
    expect(seen).toMatchObject({ held, released: [well] });
  });

  test.each<[string, boolean, unknown[], string[]]>([
    ['tells of a mailbox that answers while messages of it are parked', true, ['read'], ['a']],
    ['tells nothing of a mailbox that answers only with refusals', true, [], []],
    ['tells nothing where none are parked', false, ['read'], []],
  ])('%s', async (_name, parked, answer, served) => {
    const { governor, seen } = setup({ parked });
    const plan = { ...ONE, isServed: (result: unknown[]) => result.length > 0 };
    await governor.run(plan, async () => answer);
    expect(seen.served).toEqual(served);
    const forbidden = new GraphNotFoundError('', { status: 404 });
    await expect(governor.run(ONE, () => Promise.reject(forbidden))).rejects.toBe(forbidden);
    expect(seen.served).toEqual(served);
    await governor.run(ONE, async () => 'a page');
    expect(seen.served).toEqual(parked ? [...served, 'a'] : []);
  });

  test('keeps its place while it waits, and tells who it calls for', async () => {
    const { governor, seen } = setup({ refusals: 2 });
    await governor.run({ ...ONE, priority: 'backfill' }, async () => 'called');
    expect(seen.tickets).toEqual([undefined, 'mine', 'mine']);
    expect(seen.live).toEqual([false, false, false]);
  });

  test('gives back at once what is held when there is other work, and asks nobody again for a second', async () => {
    const { clock, governor, seen } = setup({
      refusals: 2,
      reason: 'held',
      retryInMs: 60_000,
      holdWaitMsMax: 0,
    });
    const ask = () => governor.run(ONE, async () => 'called').catch((error: unknown) => error);
    expect(await ask()).toMatchObject({ code: 'graph_throttled', retryAfterMs: 75_000 });
    clock.time += 900;
    expect(await ask()).toMatchObject({ code: 'graph_throttled', retryAfterMs: 73_875 });
    expect(seen).toMatchObject({ asked: 1, waits: [] });
    clock.time += 101;
    await ask();
    expect(seen.asked).toBe(2);
  });

  test('makes no call when permits cannot be had, and says so as of a broken line', async () => {
    const governor = new MailboxGovernor({
      clock: { now: () => 0 },
      holdWaitMsMax: 0,
      permits: {
        limits: LIMITS,
        acquire: () => Promise.reject(new Error('OOM command not allowed')),
        hold: () => Promise.reject(new Error('OOM command not allowed')),
      },
    });
    const run = governor.run(ONE, () => Promise.reject(new Error('must not be called')));
    await expect(run).rejects.toMatchObject({ code: 'graph_transient', status: null });
    await expect(governor.hold('a', 5_000, { probe: false })).resolves.toBeUndefined();
    // Nobody else knows of the hold, but this process keeps to it.
    await expect(governor.run(ONE, async () => 'called')).rejects.toMatchObject({
      code: 'graph_throttled',
    });
  });

  test.each<[string, boolean, Error]>([
    ['not of a call that timed out', false, timedOut(true)],
    ['of one that timed out before it left us', true, timedOut(false)],
    ['of one whose line broke', true, new GraphTransientError('', { status: null })],
    ['of one that Graph took too long for', true, new GraphTimeoutError('', { status: 504 })],
  ])('gives slots back %s', async (_name, answered, error) => {
    const { governor, seen } = setup();
    await expect(governor.run(ONE, () => Promise.reject(error))).rejects.toBe(error);
    expect(seen.answered).toEqual([answered]);
  });

  test('keeps the slots of a call that is stopped, which Graph does not notice', async () => {
    const { governor, seen } = setup();
    const stop = new AbortController();
    const call = async () => {
      stop.abort(new Error('stopping'));
      throw stop.signal.reason;
    };
    await expect(governor.run(ONE, call, stop.signal)).rejects.toThrow('stopping');
    expect(seen.answered).toEqual([false]);
    await governor.run(ONE, async () => 'called');
    expect(seen.answered).toEqual([false, true]);
  });

  test('takes a probe that was aborted for no answer', async () => {
    const { governor, seen } = setup({ probe: true });
    await expect(governor.run(ONE, () => Promise.reject(new Error('stopping')))).rejects.toThrow();
    expect(seen.released).toEqual([false]);
  });

  test('waits for a short hold when there is no other work', async () => {
    const { governor, seen } = setup({ refusals: 1, reason: 'held', retryInMs: 500 });
    expect(await governor.run(ONE, async () => 'called')).toBe('called');
    expect(seen.waits[0]).toBe(625);
  });

  test('gives those that a used-up window sends away a place in line', async () => {
    const { governor } = setup({ refusals: 9, reason: 'spent', retryInMs: 10_000 });
    const batch = { mailboxId: 'a', requests: 20 };
    const waits = [];
    for (let n = 0; n < 3; n += 1) {
      const error = await governor
        .run(batch, async () => 'called')
        .catch((reason: unknown) => reason);
      waits.push((error as GraphThrottledError).retryAfterMs);
    }
    // 60 ms a request: 10,000 in 10 minutes.
    expect(waits).toEqual([10_000, 11_200, 12_400]);
  });

  test('asks the fleet for no more than four slots of a mailbox at once, live calls first', async () => {
    const { governor, seen } = setup({ waitMsMax: 0 });
    const order: string[] = [];
    const open: (() => void)[] = [];
    const call = (name: string) => () =>
      new Promise<void>((resolve) => {
        order.push(name);
        open.push(resolve);
      });
    const never = new Promise<void>(() => undefined);
    const patient = new MailboxGovernor({
      clock: { now: () => 0 },
      wait: () => never,
      permits: {
        limits: LIMITS,
        async acquire({ permits }) {
          seen.asked += 1;
          return { granted: true, permits, probe: false, parked: false, used: 0, release };
        },
        hold: async () => 0,
      },
    });
    const four = { mailboxId: 'a', requests: 20 };
    const calls = [
      patient.run(four, call('first')),
      patient.run({ ...four, priority: 'backfill' }, call('backfill')),
      patient.run(four, call('live')),
      patient.run({ ...four, mailboxId: 'b' }, call('another mailbox')),
    ];
    for (let ended = 0; ended < calls.length; ended += 1) {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      expect(seen.asked).toBe(Math.min(ended + 2, 4));
      open[ended === 0 ? 0 : ended + 1]?.();
      if (ended === 2) open[1]?.();
    }
    await Promise.all(calls);
    expect(order).toEqual(['first', 'another mailbox', 'live', 'backfill']);
    await expect(governor.run(ONE, async () => 'called')).resolves.toBe('called');
  });

  /** Calls that stay open, under permits of which the fleet grants at most `most`. */
  function setupOpen({ most = 4 } = {}) {
    const asked: { permits: number; least: number | undefined; requests: number }[] = [];
    const governor = new MailboxGovernor({
      clock: { now: () => 0 },
      wait: () => new Promise(() => undefined),
      permits: {
        limits: LIMITS,
        async acquire({ permits, least, requests }) {
          asked.push({ permits, least, requests });
          const granted = Math.min(permits, most);
          return { granted: true, permits: granted, probe: false, parked: false, used: 0, release };
        },
        hold: async () => 0,
      },
    });
    const begin = async (plan: object) => {
      let made: number | undefined;
      void governor.run({ mailboxId: 'a', requests: 20, ...plan }, ({ requests }) => {
        made = requests;
        return new Promise(() => undefined);
      });
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      return made;
    };
    return { asked, begin };
  }

  test('lets who can do with fewer slots have what this process leaves, for a request each', async () => {
    const { asked, begin } = setupOpen();
    expect(await begin({ requests: 1 })).toBe(1);
    expect(await begin({ least: 1 })).toBe(3);
    expect(await begin({ least: 1 })).toBeUndefined();
    expect(asked.slice(1)).toEqual([{ permits: 3, least: 1, requests: 3 }]);
  });

  test('control: who can not do with fewer is not begun beside another', async () => {
    const { begin } = setupOpen();
    await begin({ requests: 1 });
    expect(await begin({})).toBeUndefined();
  });

  test('tells who got fewer slots of the fleet how many requests it may make', async () => {
    const { begin } = setupOpen({ most: 2 });
    expect(await begin({ least: 1 })).toBe(2);
  });

  test('gives back what has waited too long elsewhere, though it could go now', async () => {
    const { clock, governor, seen } = setup({ waitMsMax: 1_000 });
    clock.time = 5_000;
    const run = (since?: number) => governor.run({ ...ONE, since }, async () => 'called');
    await expect(run(3_999)).rejects.toMatchObject({ code: 'graph_throttled' });
    expect(seen.asked).toBe(0);
    expect(await run(4_000)).toBe('called');
    expect(await run()).toBe('called');
  });

  test('lets what is for no mailbox go at once', async () => {
    const { governor, seen } = setup();
    expect(await governor.run(null, async () => 'called')).toBe('called');
    expect(seen.asked).toBe(0);
  });

  test('does not let a signal that aborted wait or call', async () => {
    const { governor, seen } = setup({ refusals: 99 });
    const signal = AbortSignal.abort(new Error('stopping'));
    await expect(governor.run(ONE, async () => 'called', signal)).rejects.toThrow('stopping');
    expect(seen.asked).toBe(0);
  });
});
