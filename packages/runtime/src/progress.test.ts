import { describe, expect, test } from '@jest/globals';

import { Progress, type WaitingWork } from './progress.ts';

function setup(options: { believedMs?: number } = {}) {
  const clock = { at: 1_000, now: () => clock.at };
  const state = { work: { waiting: 0 } as WaitingWork | Error, looks: 0 };
  const progress = new Progress({
    done: 'delivered',
    ...options,
    clock,
    look: async () => {
      state.looks += 1;
      if (state.work instanceof Error) throw state.work;
      return state.work;
    },
  });
  /** Why it is not ready after so many seconds of a probe every 5 s; null: it is. */
  const after = async (seconds: number): Promise<string | null> => {
    let reason: string | null = null;
    for (let passed = 0; passed < seconds; passed += 5) {
      clock.at += 5_000;
      reason = await progress.assert().then(
        () => null,
        (error: Error) => error.message,
      );
    }
    return reason;
  };
  return { progress, state, clock, after };
}

describe('Progress', () => {
  test('is well while nothing waits, however long that is', async () => {
    const { after } = setup();
    expect(await after(3_600)).toBeNull();
  });

  test('is not within 30 s of work that waits and does not pass, and says why; the next end makes it well', async () => {
    const { after, state, progress } = setup();
    await after(60);
    state.work = { waiting: 7, passed: 3, reason: 'the queue rests for 40 s' };
    expect(await after(20)).toBeNull();
    expect(await after(10)).toMatch(
      /^nothing delivered for 25 s, 0 in hand, 7 waiting: the queue rests/,
    );
    progress.made();
    expect(await after(20)).toBeNull();
    expect(await after(10)).not.toBeNull();
  });

  test('is well where other processes get the work through', async () => {
    const { after, state } = setup();
    for (let passed = 0; passed < 10; passed += 1) {
      state.work = { waiting: 7, passed };
      expect(await after(20)).toBeNull();
    }
  });

  test('tells of tries that all come to nothing, also where what they were about is put off', async () => {
    const { after, progress, state } = setup();
    for (let tries = 0; tries < 6; tries += 1) {
      progress.blocked('MS4 answers 503');
      await after(5);
    }
    expect(await after(5)).toMatch(/: MS4 answers 503$/);
    // Nobody tries any more: the last word is no news after a while.
    expect(await after(70)).toBeNull();
    progress.blocked('MS4 answers 503');
    await after(30);
    expect(await after(5)).not.toBeNull();
    // Another process got everything through.
    state.work = { waiting: 0, passed: 8 };
    expect(await after(5)).toBeNull();
  });

  test('tells of what is in hand and never ends', async () => {
    const { after, progress } = setup();
    const { promise, resolve } = Promise.withResolvers<void>();
    const work = progress.during(() => promise);
    expect(await after(20)).toBeNull();
    expect(await after(10)).toMatch(/1 in hand/);
    resolve();
    await work;
    expect(await after(60)).toBeNull();
  });

  test('is well through bursts between which nothing waits', async () => {
    const { after, state } = setup();
    for (let burst = 0; burst < 10; burst += 1) {
      state.work = { waiting: 5 };
      expect(await after(20)).toBeNull();
      state.work = { waiting: 0 };
      expect(await after(5)).toBeNull();
    }
  });

  test('looks once in 2 s however often it is probed, and a look that fails changes nothing', async () => {
    const { after, progress, state } = setup();
    await after(5);
    await Promise.all(Array.from({ length: 50 }, () => progress.assert()));
    expect(state.looks).toBe(1);
    state.work = { waiting: 7 };
    expect(await after(30)).not.toBeNull();
    state.work = new Error('Redis is away');
    expect(await after(5)).toMatch(/7 waiting/);
    state.work = { waiting: 0 };
    expect(await after(5)).toBeNull();
  });
});

test('one failure and silence prove nothing where a reason is believed for less than the bound; failures that go on do', async () => {
  const { progress, after } = setup({ believedMs: 20_000 });
  progress.blocked('Redis refuses');
  for (let seconds = 0; seconds < 60; seconds += 5) expect(await after(5)).toBeNull();
  for (let seconds = 0; seconds < 25; seconds += 5) {
    progress.blocked('Redis refuses');
    await after(5);
  }
  expect(await after(5)).toContain('Redis refuses');
});
