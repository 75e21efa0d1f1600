import { describe, expect, jest, test } from '@jest/globals';
import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';

import { BreakerOpenError } from './breaker-open-error.ts';
import { createOutboundPolicy, type OutboundPolicyOptions } from './outbound-policy.ts';

class Unwell extends Error {}
class Refused extends Error {}

function setup(options: Partial<OutboundPolicyOptions> = {}) {
  const clock = { ms: 0, now: () => clock.ms };
  const policy = createOutboundPolicy({
    attempts: 1,
    backoff: { initialMs: 10, maxMs: 40 },
    breaker: { threshold: 3, openMs: 1_000, openMsMax: 4_000 },
    isTransient: (error) => error instanceof Unwell,
    clock,
    random: () => 0,
    ...options,
  });
  const calls: number[] = [];
  const fail = async (error: Error = new Unwell()): Promise<unknown> => {
    try {
      return await policy.execute(async ({ attempt }) => {
        calls.push(attempt);
        throw error;
      });
    } catch (caught) {
      return caught;
    }
  };
  const succeed = () => policy.execute(() => Promise.resolve('ok'));
  const open = async () => {
    while (policy.state !== 'open') await fail();
  };
  return { policy, clock, calls, fail, succeed, open };
}

/** A call that stays in flight until told how to end. */
function deferred(policy: ReturnType<typeof setup>['policy'], signal?: AbortSignal) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const outcome = policy.execute(() => promise, signal).catch((error: unknown) => error);
  return { outcome, resolve: () => resolve('ok'), reject: () => reject(new Unwell()) };
}

describe('retry', () => {
  test('makes `attempts` calls at most, counted from 1', async () => {
    const { fail, calls } = setup({
      attempts: 3,
      breaker: { threshold: 99, openMs: 1, openMsMax: 1 },
    });
    expect(await fail()).toBeInstanceOf(Unwell);
    expect(calls).toEqual([1, 2, 3]);
  });

  test('does not repeat a refusal', async () => {
    const { fail, calls } = setup({ attempts: 3 });
    expect(await fail(new Refused())).toBeInstanceOf(Refused);
    expect(calls).toEqual([1]);
  });

  test('ends at once when the breaker opens under it', async () => {
    const { fail, calls } = setup({ attempts: 10 });
    expect(await fail()).toBeInstanceOf(BreakerOpenError);
    expect(calls).toEqual([1, 2, 3]);
  });

  test('makes no call once the signal has aborted', async () => {
    const { policy } = setup();
    const called: unknown[] = [];
    const aborted = policy.execute(
      async () => called.push(1),
      AbortSignal.abort(new Error('stop')),
    );
    await expect(aborted).rejects.toThrow('stop');
    expect(called).toEqual([]);
  });
});

describe('breaker', () => {
  test('opens after `threshold` transient failures in a row, then makes no call', async () => {
    const { policy, fail, calls } = setup();
    for (let i = 0; i < 3; i += 1) await fail();
    expect(policy.state).toBe('open');
    expect(policy.openForMs()).toBe(1_000);
    expect(await fail()).toBeInstanceOf(BreakerOpenError);
    expect(calls).toHaveLength(3);
  });

  test('never opens by refusals: they are answers', async () => {
    const { policy, fail } = setup();
    for (let i = 0; i < 20; i += 1) await fail(new Refused());
    expect(policy.state).toBe('closed');
  });

  test('a refusal between failures is a sign of health and starts the count anew', async () => {
    const { policy, fail } = setup();
    for (const error of [new Unwell(), new Unwell(), new Refused(), new Unwell(), new Unwell()]) {
      await fail(error);
    }
    expect(policy.state).toBe('closed');
  });

  test('half-open lets one probe out and refuses the other 99 at once', async () => {
    const { policy, clock, open } = setup();
    await open();
    clock.ms += 1_000;
    const probe = deferred(policy);
    expect(policy.state).toBe('half-open');
    const surplus = Array.from({ length: 99 }, () => deferred(policy).outcome);
    const refused = (await Promise.all(surplus)).filter((end) => end instanceof BreakerOpenError);
    expect(refused).toHaveLength(99);
    probe.resolve();
    expect(await probe.outcome).toBe('ok');
    expect(policy.state).toBe('closed');
    expect(policy.openForMs()).toBe(0);
  });

  test('what the refusal is for: cockatiel alone holds the 99 back and lets them go as a herd', async () => {
    const alone = circuitBreaker(handleAll, {
      breaker: new ConsecutiveBreaker(1),
      halfOpenAfter: -1,
    });
    await alone.execute(() => Promise.reject(new Unwell())).catch(() => undefined);
    const probe = Promise.withResolvers<void>();
    const first = alone.execute(() => probe.promise);
    let inFlight = 0;
    const herd = Promise.withResolvers<void>();
    const calls = Array.from({ length: 99 }, () =>
      alone.execute(() => {
        inFlight += 1;
        if (inFlight === 99) herd.resolve();
        return herd.promise;
      }),
    );
    probe.resolve();
    await Promise.all([first, ...calls]);
    expect(inFlight).toBe(99);
  });

  test('a failed probe doubles the rest, up to its maximum; success forgets it', async () => {
    const { policy, clock, open, fail, succeed } = setup();
    await open();
    const rests: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      rests.push(policy.openForMs());
      clock.ms += policy.openForMs();
      await fail();
    }
    expect(rests).toEqual([1_000, 2_000, 4_000, 4_000]);
    clock.ms += 4_000;
    await succeed();
    await open();
    expect(policy.openForMs()).toBe(1_000);
  });

  test('failures of calls that began before it opened neither re-open it nor lengthen the rest', async () => {
    const { policy, clock, open, succeed } = setup();
    const late = Array.from({ length: 20 }, () => deferred(policy));
    await open();
    clock.ms += 1_000;
    const probe = deferred(policy);
    for (const call of late) call.reject();
    await Promise.all(late.map((call) => call.outcome));
    expect(policy.state).toBe('half-open');
    probe.resolve();
    await probe.outcome;
    expect(policy.state).toBe('closed');
    expect(await succeed()).toBe('ok');
  });

  test('a wall clock that jumps back neither keeps it open nor closes it', async () => {
    const { policy, clock, open, succeed } = setup();
    const now = Date.now();
    await open();
    jest.spyOn(Date, 'now').mockReturnValue(now - 3_600_000);
    clock.ms += 1_000;
    expect(await succeed()).toBe('ok');
    expect(policy.state).toBe('closed');
  });

  test('a probe that we abort ourselves does not close it', async () => {
    const { policy, clock, open } = setup();
    await open();
    clock.ms += 1_000;
    const stop = new AbortController();
    const probe = deferred(policy, stop.signal);
    stop.abort();
    probe.reject();
    await probe.outcome;
    expect(policy.state).toBe('open');
  });

  test('tells its changes until told to stop', async () => {
    const { policy, clock, open, succeed } = setup();
    const seen: string[] = [];
    const stop = policy.onStateChange((state) => seen.push(state));
    await open();
    clock.ms += 1_000;
    await succeed();
    stop();
    await open();
    expect(seen).toEqual(['open', 'half-open', 'closed']);
  });
});

describe('a call whose fault is thought to be its own', () => {
  const unwell = () => Promise.reject(new Unwell());
  const uncounted = { counts: false };

  test('neither opens the breaker nor ends a row of failures', async () => {
    const { policy, fail } = setup();
    for (let n = 0; n < 10; n += 1) {
      await policy.execute(unwell, undefined, uncounted).catch(() => undefined);
    }
    expect(policy.state).toBe('closed');
    await fail();
    await fail();
    await policy.execute(() => Promise.resolve('ok'), undefined, uncounted);
    await fail();
    expect(policy.state).toBe('open');
  });

  test('as a probe keeps the breaker open, or closes it', async () => {
    const { policy, clock, open } = setup();
    await open();
    clock.ms = 1_000;
    await policy.execute(unwell, undefined, uncounted).catch(() => undefined);
    expect(policy.state).toBe('open');
    clock.ms = 10_000;
    await policy.execute(() => Promise.resolve('ok'), undefined, uncounted);
    expect(policy.state).toBe('closed');
  });
});

test('where no call was made at all, the breaker learns nothing', async () => {
  class Held extends Error {}
  const { policy, clock, fail, succeed } = setup({
    isNeutral: (error) => error instanceof Held,
  });
  await fail();
  await fail();
  expect(await fail(new Held())).toBeInstanceOf(Held);
  await fail();
  expect(policy.state).toBe('open');
  clock.ms = 1_000;
  expect(await fail(new Held())).toBeInstanceOf(Held);
  expect(policy.state).toBe('open');
  // Whoever can make a call is the probe, without another wait.
  expect(await succeed()).toBe('ok');
  expect(policy.state).toBe('closed');
});

test('what is not worth another call at once is not retried, and counts', async () => {
  const { policy, fail, calls } = setup({ attempts: 3, isWorthRetrying: () => false });
  await fail();
  expect(calls).toEqual([1]);
  await fail();
  await fail();
  expect(policy.state).toBe('open');
});
