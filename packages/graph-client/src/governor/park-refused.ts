import type { Clock } from '@ms1/runtime';

import { GraphAuthError } from '../errors/graph-error.ts';
import type { Governor } from './governor.ts';

/** ms; somebody has to renew a credential, and should not wait long after */
const PARK_MS = 30_000;
/** Refusals with nothing answered between them: one alone may be about what was asked for. */
const REFUSALS_MIN = 2;

export interface ParkedGovernor extends Governor {
  /** why our credential is refused; null when it is not, or nobody has tried for a while */
  refusal(): GraphAuthError | null;
}

/**
 * Leaves a tenant alone whose credential is refused, and refused again: for a while nobody calls, and whoever would is
 * told for how long. Its messages wait without a token being asked for each of them, and other tenants,
 * which have governors of their own, notice nothing.
 */
export function parkRefused(governor: Governor, clock: Clock): ParkedGovernor {
  let refused: GraphAuthError | null = null;
  let until = 0;
  let refusals = 0;
  return {
    async run(plan, call, signal) {
      const now = clock.now();
      if (refused && now < until) throw refused.again(until - now);
      try {
        const result = await governor.run(plan, call, signal);
        refused = null;
        refusals = 0;
        return result;
      } catch (error) {
        if (error instanceof GraphAuthError) refusals += 1;
        if (error instanceof GraphAuthError && refusals >= REFUSALS_MIN) {
          refused = error;
          until = clock.now() + PARK_MS;
        }
        throw error;
      }
    },
    throttled: (mailboxId, retryAfterMs) => governor.throttled(mailboxId, retryAfterMs),
    unavailable: (mailboxId, retryAfterMs) => governor.unavailable(mailboxId, retryAfterMs),
    // Where nothing tries any more, the last word is no news.
    refusal: () => (clock.now() < until + 2 * PARK_MS ? refused : null),
  };
}
