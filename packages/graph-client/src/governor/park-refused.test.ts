import { describe, expect, test } from '@jest/globals';

import { GraphAuthError, GraphTransientError } from '../errors/graph-error.ts';
import type { Governor } from './governor.ts';
import { parkRefused } from './park-refused.ts';

function setup() {
  const clock = { time: 0, now: () => clock.time };
  const open: Governor = {
    run: (plan, call) => call({ probe: false, requests: plan?.requests ?? 1 }),
    throttled: async () => undefined,
    unavailable: async () => undefined,
  };
  let calls = 0;
  const governor = parkRefused(open, clock);
  const call = (error?: Error) =>
    governor.run(null, async () => {
      calls += 1;
      if (error) throw error;
      return 'answer';
    });
  return { clock, governor, call, calls: () => calls };
}

const refused = () => new GraphAuthError('gives no token: renew it', { status: 401 });

describe('parkRefused', () => {
  test('calls nobody for half a minute after two refusals, says for how long, and then tries again', async () => {
    const { clock, governor, call, calls } = setup();
    await expect(call(refused())).rejects.toThrow(GraphAuthError);
    await expect(call(refused())).rejects.toThrow(GraphAuthError);
    clock.time = 10_000;
    await expect(call()).rejects.toMatchObject({
      code: 'graph_auth',
      retryAfterMs: 20_000,
      message: 'Graph gives no token: renew it (401)',
    });
    expect(calls()).toBe(2);
    expect(governor.refusal()).toBeInstanceOf(GraphAuthError);
    clock.time = 30_000;
    expect(await call()).toBe('answer');
    expect(governor.refusal()).toBeNull();
  });

  test('does not say for ever what nobody tries any more', async () => {
    const { clock, governor, call } = setup();
    await expect(call(refused())).rejects.toThrow(GraphAuthError);
    await expect(call(refused())).rejects.toThrow(GraphAuthError);
    clock.time = 89_999;
    expect(governor.refusal()).not.toBeNull();
    clock.time = 90_000;
    expect(governor.refusal()).toBeNull();
  });

  test('a message that alone is refused, however often, keeps nobody else from calling', async () => {
    const { governor, call } = setup();
    for (let n = 0; n < 5; n += 1) {
      await expect(call(refused())).rejects.toThrow(GraphAuthError);
      expect(await call()).toBe('answer');
    }
    expect(governor.refusal()).toBeNull();
  });

  test('lets any other failure pass: it is not about the credential', async () => {
    const { call, calls, governor } = setup();
    await expect(call(new GraphTransientError('failed', { status: 500 }))).rejects.toThrow();
    expect(await call()).toBe('answer');
    expect(calls()).toBe(2);
    expect(governor.refusal()).toBeNull();
  });
});
