import { BreakerOpenError, createOutboundPolicy, type OutboundPolicy } from '@ms1/resilience';
import type { Clock } from '@ms1/runtime';

import {
  type GraphAuthError,
  GraphThrottledError,
  GraphTimeoutError,
  GraphTransientError,
  GraphUnaskedError,
  GraphUnavailableError,
} from '../errors/graph-error.ts';
import type { CallPlan, Governor, Granted } from './governor.ts';
import { NegativeCache } from './negative-cache.ts';
import { RepeatedFailures } from './repeated-failures.ts';

/**
 * What all calls to one tenant pass, outermost first: the negative cache of its credential, retries, its breaker, and the
 * permits of the mailbox. Retries around permits, not permits around retries: a call that waits for its next attempt
 * must not keep others of its mailbox waiting.
 */
export class TenantGovernor implements Governor {
  readonly #governor: Governor;
  readonly #refusals: NegativeCache;
  readonly #repeated = new RepeatedFailures();
  readonly #policy: OutboundPolicy;

  constructor(governor: Governor, clock: Clock, random?: () => number) {
    this.#governor = governor;
    this.#refusals = new NegativeCache(clock);
    this.#policy = createOutboundPolicy({
      attempts: 3,
      // Three calls within about 3 s; what lasts longer is the queue's to wait for.
      backoff: { initialMs: 500, maxMs: 2_000 },
      breaker: { threshold: 20, openMs: 5_000, openMsMax: 60_000 },
      // A mailbox that moves says nothing about Graph, nor does a throttled one; what took too long does so again.
      isTransient: (error) =>
        error instanceof GraphTransientError &&
        !(error instanceof GraphUnavailableError || error instanceof GraphTimeoutError),
      // It failed before, or no permit: Redis is away, or this mailbox's turn did not come.
      isNeutral: (error) =>
        this.#repeated.has(error) ||
        error instanceof GraphUnaskedError ||
        (error instanceof GraphThrottledError && error.status === null),
      ...(random && { random }),
    });
  }

  /**
   * @throws {GraphAuthError} without a call, while the credential is known to be refused
   * @throws {GraphUnavailableError} without a call, while the breaker is open: nothing was attempted
   */
  async run<T>(
    plan: CallPlan<T> | null,
    call: (granted: Granted) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    this.#refusals.assertNone();
    const isRepeated = this.#repeated.isKnown(plan?.name);
    const run = () =>
      this.#governor.run(plan, call, signal).catch((error: unknown) => {
        if (isRepeated) this.#repeated.add(error);
        throw error;
      });
    try {
      const result = await this.#policy.execute(run, signal);
      this.#repeated.ended(plan?.name, true);
      this.#refusals.answered();
      return result;
    } catch (error) {
      if (error instanceof GraphTransientError) this.#repeated.ended(plan?.name, false);
      this.#refusals.failed(error);
      if (!(error instanceof BreakerOpenError)) throw error;
      const facts = { status: null, retryAfterMs: Math.ceil(error.openForMs), cause: error };
      throw new GraphUnavailableError('is not called: its breaker is open', facts);
    }
  }

  hold(mailboxId: string, retryAfterMs: number | null, hold: { probe: boolean }): Promise<void> {
    return this.#governor.hold(mailboxId, retryAfterMs, hold);
  }

  /** Why our credential is refused, for readiness; null while it is not. */
  refusal(): GraphAuthError | null {
    return this.#refusals.refusal();
  }
}
