import { describe, expect, test } from '@jest/globals';
import { createOutboundPolicy } from '@ms1/resilience';

import { GraphTransientError, GraphUnavailableError } from '../errors/graph-error.ts';
import type { Governor } from './governor.ts';
import { RepeatedFailures } from './repeated-failures.ts';
import { withRetries } from './retrying-governor.ts';

const OPEN: Governor = {
  run: (plan, call) => call({ probe: false, requests: plan?.requests ?? 1 }),
  throttled: async () => undefined,
  unavailable: async () => undefined,
};

function setup() {
  const repeated = new RepeatedFailures();
  const policy = createOutboundPolicy({
    attempts: 3,
    backoff: { initialMs: 0, maxMs: 0 },
    breaker: { threshold: 20, openMs: 60_000, openMsMax: 60_000 },
    isTransient: (error) => error instanceof GraphTransientError,
    isNeutral: (error) => repeated.has(error),
  });
  const governor = withRetries(OPEN, policy, repeated);
  const run = (name: string | undefined, error?: Error) =>
    governor.run({ mailboxId: 'm', permits: 1, requests: 1, name }, async () => {
      if (error) throw error;
      return 'answer';
    });
  return { policy, run };
}

const failure = () => new GraphTransientError('failed', { status: 500 });

describe('the breaker around Graph', () => {
  test('stays closed however often one message or page fails, and nothing else is asked for', async () => {
    const { policy, run } = setup();
    for (let n = 0; n < 100; n += 1) await expect(run('page', failure())).rejects.toThrow();
    expect(policy.state).toBe('closed');
    expect(await run('another')).toBe('answer');
  });

  test('opens when many things fail, also those that had failed and done well since', async () => {
    const { policy, run } = setup();
    for (let n = 0; n < 7; n += 1) await expect(run(`page ${n}`, failure())).rejects.toThrow();
    expect(policy.state).toBe('open');
    await expect(run('another')).rejects.toThrow(GraphUnavailableError);

    const again = setup();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      await expect(again.run(name, failure())).rejects.toThrow();
      await again.run(name);
    }
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      await expect(again.run(name, failure())).rejects.toThrow();
    }
    expect(again.policy.state).toBe('open');
  });

  test('control: what has no name counts each time', async () => {
    const { policy, run } = setup();
    for (let n = 0; n < 7; n += 1) await expect(run(undefined, failure())).rejects.toThrow();
    expect(policy.state).toBe('open');
  });
});
