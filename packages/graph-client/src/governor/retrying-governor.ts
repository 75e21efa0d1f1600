import { BreakerOpenError, type OutboundPolicy } from '@ms1/resilience';

import { GraphTransientError, GraphUnavailableError } from '../errors/graph-error.ts';
import type { Governor } from './governor.ts';
import type { RepeatedFailures } from './repeated-failures.ts';

/**
 * Retries around permits, not permits around retries: a call that waits for its next attempt must not
 * keep others of its mailbox waiting.
 *
 * An open breaker becomes a GraphUnavailableError: no call was made, so nothing was attempted.
 *
 * @param policy takes what is in `repeated` for neutral
 */
export function withRetries(
  governor: Governor,
  policy: Pick<OutboundPolicy, 'execute'>,
  repeated: RepeatedFailures,
): Governor {
  return {
    ...governor,
    async run(plan, call, signal) {
      const { name } = plan ?? {};
      const isRepeated = repeated.isKnown(name);
      try {
        const run = () =>
          governor.run(plan, call, signal).catch((error: unknown) => {
            if (isRepeated) repeated.add(error);
            throw error;
          });
        const result = await policy.execute(run, signal);
        repeated.ended(name, true);
        return result;
      } catch (error) {
        if (error instanceof GraphTransientError) repeated.ended(name, false);
        if (!(error instanceof BreakerOpenError)) throw error;
        const facts = { status: null, retryAfterMs: Math.ceil(error.openForMs), cause: error };
        throw new GraphUnavailableError('is left to rest', facts);
      }
    },
  };
}
