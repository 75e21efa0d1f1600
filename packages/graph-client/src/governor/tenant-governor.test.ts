import { describe, expect, test } from '@jest/globals';

import {
  GraphAuthError,
  GraphTransientError,
  GraphUnavailableError,
} from '../errors/graph-error.ts';
import type { Governor } from './governor.ts';
import { TenantGovernor } from './tenant-governor.ts';

const OPEN: Governor = {
  run: (plan, call) => call({ probe: false, requests: plan?.requests ?? 1 }),
  hold: async () => undefined,
};

function setup() {
  const clock = { time: 0, now: () => clock.time };
  const governor = new TenantGovernor(OPEN, clock, () => 0);
  let calls = 0;
  const run = (name: string | undefined, error?: Error) =>
    governor.run({ mailboxId: 'm', name }, async () => {
      calls += 1;
      if (error) throw error;
      return 'answer';
    });
  return {
    clock,
    governor,
    run,
    call: (error?: Error) => run(undefined, error),
    calls: () => calls,
  };
}

const failure = () => new GraphTransientError('failed', { status: 500 });
const refused = () => new GraphAuthError('gives no token: renew it', { status: 401 });

describe('the breaker around Graph', () => {
  test('stays closed however often one message or page fails, and nothing else is asked for', async () => {
    const { run } = setup();
    for (let n = 0; n < 100; n += 1) await expect(run('page', failure())).rejects.toThrow();
    expect(await run('another')).toBe('answer');
  });

  test('opens when many things fail, also those that had failed and done well since', async () => {
    const { run } = setup();
    for (let n = 0; n < 7; n += 1) await expect(run(`page ${n}`, failure())).rejects.toThrow();
    await expect(run('another')).rejects.toThrow(GraphUnavailableError);

    const again = setup();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      await expect(again.run(name, failure())).rejects.toThrow();
      await again.run(name);
    }
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      await expect(again.run(name, failure())).rejects.toThrow();
    }
    await expect(again.run('another')).rejects.toThrow(GraphUnavailableError);
  });

  test('control: what has no name counts each time', async () => {
    const { run } = setup();
    for (let n = 0; n < 7; n += 1) await expect(run(undefined, failure())).rejects.toThrow();
    await expect(run('another')).rejects.toThrow(GraphUnavailableError);
  });
});

describe('a credential that is refused', () => {
  test('has nobody call for half a minute after two refusals, who is told for how long, and then is tried again', async () => {
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

  test('is not told of for ever where nobody tries any more', async () => {
    const { clock, governor, call } = setup();
    await expect(call(refused())).rejects.toThrow(GraphAuthError);
    await expect(call(refused())).rejects.toThrow(GraphAuthError);
    clock.time = 89_999;
    expect(governor.refusal()).not.toBeNull();
    clock.time = 90_000;
    expect(governor.refusal()).toBeNull();
  });

  test('for one message alone, however often, keeps nobody else from calling', async () => {
    const { governor, call } = setup();
    for (let n = 0; n < 5; n += 1) {
      await expect(call(refused())).rejects.toThrow(GraphAuthError);
      expect(await call()).toBe('answer');
    }
    expect(governor.refusal()).toBeNull();
  });

  test('is not what any other failure tells', async () => {
    const { call, governor } = setup();
    await expect(call(failure())).rejects.toThrow();
    await expect(call(failure())).rejects.toThrow();
    expect(await call()).toBe('answer');
    expect(governor.refusal()).toBeNull();
  });
});
