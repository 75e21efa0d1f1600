import { BreakerOpenError, type OutboundPolicy } from '@ms1/resilience';

import { GraphUnavailableError } from '../errors/graph-error.ts';
import type { Governor } from './governor.ts';

/**
 * Retries around permits, not permits around retries: a call that waits for its next attempt must not
 * keep others of its mailbox waiting. With no weights (a call for no mailbox) no permit is asked for.
 *
 * An open breaker becomes a GraphUnavailableError: no call was made, so nothing was attempted.
 */
export function withRetries(governor: Governor, policy: Pick<OutboundPolicy, 'execute'>): Governor {
  return {
    async run(weights, call, signal) {
      try {
        return await policy.execute(
          () => (weights.size === 0 ? call() : governor.run(weights, call, signal)),
          signal,
        );
      } catch (error) {
        if (!(error instanceof BreakerOpenError)) throw error;
        const facts = { status: null, retryAfterMs: Math.ceil(error.openForMs), cause: error };
        throw new GraphUnavailableError('is left to rest', facts);
      }
    },
    throttled: (mailboxId, retryAfterMs) => governor.throttled(mailboxId, retryAfterMs),
  };
}
