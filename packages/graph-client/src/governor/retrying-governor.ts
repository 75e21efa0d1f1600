import { BreakerOpenError, type OutboundPolicy } from '@ms1/resilience';

import { GraphUnavailableError } from '../errors/graph-error.ts';
import type { Governor } from './governor.ts';

/**
 * Retries around permits, not permits around retries: a call that waits for its next attempt must not
 * keep others of its mailbox waiting.
 *
 * An open breaker becomes a GraphUnavailableError: no call was made, so nothing was attempted.
 */
export function withRetries(governor: Governor, policy: Pick<OutboundPolicy, 'execute'>): Governor {
  return {
    ...governor,
    async run(plan, call, signal) {
      try {
        return await policy.execute(() => governor.run(plan, call, signal), signal);
      } catch (error) {
        if (!(error instanceof BreakerOpenError)) throw error;
        const facts = { status: null, retryAfterMs: Math.ceil(error.openForMs), cause: error };
        throw new GraphUnavailableError('is left to rest', facts);
      }
    },
  };
}
