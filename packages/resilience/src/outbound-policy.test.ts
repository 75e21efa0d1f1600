import { expect, test } from '@jest/globals';

import { BreakerOpenError } from './breaker.ts';
import { createOutboundPolicy, type OutboundPolicyOptions } from './outbound-policy.ts';

class Unwell extends Error {}

function setup(options: Partial<OutboundPolicyOptions> = {}) {
  const policy = createOutboundPolicy({
    attempts: 3,
    backoff: { initialMs: 10, maxMs: 40 },
    breaker: { threshold: 99, openMs: 1_000, openMsMax: 4_000 },
    isTransient: (error) => error instanceof Unwell,
    random: () => 0,
    ...options,
  });
  let calls = 0;
  const fail = async (error: Error): Promise<unknown> => {
    try {
      return await policy.execute(async () => {
        calls += 1;
        throw error;
      });
    } catch (caught) {
      return caught;
    }
  };
  return { policy, calls: () => calls, fail };
}

test('makes `attempts` calls at most, and each counts', async () => {
  const { policy, fail, calls } = setup({
    breaker: { threshold: 3, openMs: 1_000, openMsMax: 1_000 },
  });
  expect(await fail(new Unwell())).toBeInstanceOf(Unwell);
  expect([calls(), policy.state]).toEqual([3, 'open']);
});

test('does not repeat a refusal', async () => {
  const { fail, calls } = setup();
  const refused = new Error('refused');
  expect(await fail(refused)).toBe(refused);
  expect(calls()).toBe(1);
});

test('ends at once when the breaker opens under it', async () => {
  const { fail, calls } = setup({
    attempts: 10,
    breaker: { threshold: 3, openMs: 1_000, openMsMax: 1_000 },
  });
  expect(await fail(new Unwell())).toBeInstanceOf(BreakerOpenError);
  expect(calls()).toBe(3);
});

test('makes no call once the signal has aborted', async () => {
  const { policy } = setup();
  const called: unknown[] = [];
  const aborted = policy.execute(async () => called.push(1), AbortSignal.abort(new Error('stop')));
  await expect(aborted).rejects.toThrow('stop');
  expect(called).toEqual([]);
});
