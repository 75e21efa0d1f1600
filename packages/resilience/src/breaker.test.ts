import { describe, expect, jest, test } from '@jest/globals';
import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';

import { Breaker, type BreakerDependencies, BreakerOpenError } from './breaker.ts';

class Unwell extends Error {}
class Refused extends Error {}

const never = new AbortController().signal;

function setup(options: Partial<BreakerDependencies> = {}, openedInARow: number | null = null) {
  const clock = { ms: 0, now: () => clock.ms };
  const breaker = new Breaker(
    {
      threshold: 3,
      openMs: 1_000,
      openMsMax: 4_000,
      isTransient: (error) => error instanceof Unwell,
      isNeutral: () => false,
      clock,
      random: () => 0,
      ...options,
    },
    openedInARow,
  );
  let calls = 0;
  const fail = async (error: Error = new Unwell()): Promise<unknown> => {
    try {
      return await breaker.execute(async () => {
        calls += 1;
        throw error;
      }, never);
    } catch (caught) {
      return caught;
    }
  };
  const succeed = () => breaker.execute(() => Promise.resolve('ok'), never);
  const open = async () => {
    while (breaker.state !== 'open') await fail();
  };
  return { breaker, clock, calls: () => calls, fail, succeed, open };
}

/** A call that stays in flight until told how to end. */
function deferred(breaker: Breaker, signal = never) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const outcome = breaker.execute(() => promise, signal).catch((error: unknown) => error);
  return { outcome, resolve: () => resolve('ok'), reject: () => reject(new Unwell()) };
}

describe('breaker', () => {
  test('opens after `threshold` transient failures in a row, then makes no call', async () => {
    const { breaker, fail, calls } = setup();
    for (let i = 0; i < 3; i += 1) await fail();
    expect(breaker.state).toBe('open');
    expect(breaker.openForMs()).toBe(1_000);
    expect(await fail()).toBeInstanceOf(BreakerOpenError);
    expect(calls()).toBe(3);
  });

  test('never opens by refusals: they are answers', async () => {
    const { breaker, fail } = setup();
    for (let i = 0; i < 20; i += 1) await fail(new Refused());
    expect(breaker.state).toBe('closed');
  });

  test('a refusal between failures is a sign of health and starts the count anew', async () => {
    const { breaker, fail } = setup();
    for (const error of [new Unwell(), new Unwell(), new Refused(), new Unwell(), new Unwell()]) {
      await fail(error);
    }
    expect(breaker.state).toBe('closed');
  });

  test('half-open lets one probe out and refuses the other 99 at once', async () => {
    const { breaker, clock, open } = setup();
    await open();
    clock.ms += 1_000;
    const probe = deferred(breaker);
    expect(breaker.state).toBe('half-open');
    const surplus = Array.from({ length: 99 }, () => deferred(breaker).outcome);
    const refused = (await Promise.all(surplus)).filter((end) => end instanceof BreakerOpenError);
    expect(refused).toHaveLength(99);
    probe.resolve();
    expect(await probe.outcome).toBe('ok');
    expect(breaker.state).toBe('closed');
    expect(breaker.openForMs()).toBe(0);
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
    const { breaker, clock, open, fail, succeed } = setup();
    await open();
    const rests: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      rests.push(breaker.openForMs());
      clock.ms += breaker.openForMs();
      await fail();
    }
    expect(rests).toEqual([1_000, 2_000, 4_000, 4_000]);
    clock.ms += 4_000;
    await succeed();
    await open();
    expect(breaker.openForMs()).toBe(1_000);
  });

  test('failures of calls that began before it opened neither re-open it nor lengthen the rest', async () => {
    const { breaker, clock, open, succeed } = setup();
    const late = Array.from({ length: 20 }, () => deferred(breaker));
    await open();
    clock.ms += 1_000;
    const probe = deferred(breaker);
    for (const call of late) call.reject();
    await Promise.all(late.map((call) => call.outcome));
    expect(breaker.state).toBe('half-open');
    probe.resolve();
    await probe.outcome;
    expect(breaker.state).toBe('closed');
    expect(await succeed()).toBe('ok');
  });

  test('a wall clock that jumps back neither keeps it open nor closes it', async () => {
    const { breaker, clock, open, succeed } = setup();
    const now = Date.now();
    await open();
    jest.spyOn(Date, 'now').mockReturnValue(now - 3_600_000);
    clock.ms += 1_000;
    expect(await succeed()).toBe('ok');
    expect(breaker.state).toBe('closed');
  });

  test('a probe that we abort ourselves does not close it', async () => {
    const { breaker, clock, open } = setup();
    await open();
    clock.ms += 1_000;
    const stop = new AbortController();
    const probe = deferred(breaker, stop.signal);
    stop.abort();
    probe.reject();
    await probe.outcome;
    expect(breaker.state).toBe('open');
  });
});

describe('a call whose fault is thought to be its own', () => {
  const unwell = () => Promise.reject(new Unwell());
  const uncounted = { counts: false };

  test('neither opens the breaker nor ends a row of failures', async () => {
    const { breaker, fail } = setup();
    for (let n = 0; n < 10; n += 1) {
      await breaker.execute(unwell, never, uncounted).catch(() => undefined);
    }
    expect(breaker.state).toBe('closed');
    await fail();
    await fail();
    await breaker.execute(() => Promise.resolve('ok'), never, uncounted);
    await fail();
    expect(breaker.state).toBe('open');
  });

  test('as a probe keeps the breaker open, or closes it', async () => {
    const { breaker, clock, open } = setup();
    await open();
    clock.ms = 1_000;
    await breaker.execute(unwell, never, uncounted).catch(() => undefined);
    expect(breaker.state).toBe('open');
    clock.ms = 10_000;
    await breaker.execute(() => Promise.resolve('ok'), never, uncounted);
    expect(breaker.state).toBe('closed');
  });
});

test('where no call was made at all, the breaker learns nothing', async () => {
  class Held extends Error {}
  const { breaker, clock, fail, succeed } = setup({
    isNeutral: (error) => error instanceof Held,
  });
  await fail();
  await fail();
  expect(await fail(new Held())).toBeInstanceOf(Held);
  await fail();
  expect(breaker.state).toBe('open');
  clock.ms = 1_000;
  expect(await fail(new Held())).toBeInstanceOf(Held);
  expect(breaker.state).toBe('open');
  // Whoever can make a call is the probe, without another wait.
  expect(await succeed()).toBe('ok');
  expect(breaker.state).toBe('closed');
});

describe('a breaker of a fleet', () => {
  test('goes on from what another process knew: its first call is the probe, and decides', async () => {
    const well = setup({}, 0);
    expect([well.breaker.state, well.breaker.openForMs()]).toEqual(['open', 0]);
    await well.succeed();
    expect(well.breaker.state).toBe('closed');
    for (let n = 0; n < 2; n += 1) await well.fail();
    expect(well.breaker.state).toBe('closed');

    const down = setup({}, 2);
    await down.fail();
    expect([down.breaker.state, down.breaker.openForMs()]).toEqual(['open', 4_000]);
  });
});
