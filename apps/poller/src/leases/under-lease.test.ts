import { describe, expect, test } from '@jest/globals';

import { underLease } from './under-lease.ts';

function setup(renewals: boolean[]) {
  const events: string[] = [];
  const lease = {
    ttlMs: 3,
    renew: async () => {
      const kept = renewals.shift() ?? true;
      events.push(kept ? 'kept' : 'lost');
      return kept;
    },
    release: async () => void events.push('released'),
  };
  const ticks: (() => void)[] = [];
  const wait = (_: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      ticks.push(resolve);
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  const run = (work: (signal: AbortSignal) => Promise<string>) =>
    underLease({ acquire: async () => lease, wait }, work)(new AbortController().signal);
  return { events, run, tick: () => ticks.shift()?.() };
}

describe('underLease', () => {
  test('keeps the lease while the work goes on, and gives it back', async () => {
    const { events, run, tick } = setup([true]);
    let finish: (value: string) => void = () => undefined;
    const running = run(() => new Promise((resolve) => (finish = resolve)));
    await new Promise(setImmediate);
    tick();
    await new Promise(setImmediate);
    expect(events).toEqual(['kept']);
    finish('done');
    expect(await running).toBe('done');
    expect(events).toEqual(['kept', 'released']);
  });

  test('stops the work when another has taken over', async () => {
    const { events, run, tick } = setup([false]);
    const running = run(
      (signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('stopped'))),
        ),
    );
    await new Promise(setImmediate);
    tick();
    await expect(running).rejects.toThrow('stopped');
    expect(events).toEqual(['lost', 'released']);
  });

  test('does nothing while another does it', async () => {
    const none = underLease({ acquire: async () => null }, async () => 'done');
    expect(await none(new AbortController().signal)).toBeNull();
  });
});
