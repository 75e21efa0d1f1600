import { DelegateBackoff, handleWhen, retry } from 'cockatiel';

import {
  Breaker,
  type BreakerDependencies,
  BreakerOpenError,
  type BreakerOptions,
  type BreakerState,
} from './breaker.ts';

export interface RetryOptions {
  /** calls at most for one `execute`, the first included */
  attempts: number;
  /** ms before call n+1: a random part of min(maxMs, initialMs * 2^(n-1)), so that callers spread out */
  backoff: { initialMs: number; maxMs: number };
  isWorthRetrying: (error: unknown) => boolean;
  /** [0, 1) */
  random?: () => number;
}

/** Retry with full jitter. */
export interface Retry {
  /**
   * Calls `work`, again when that is worth it. A wait between two calls is not cut short by the signal
   * (keep `maxMs` small), but no call is made after it.
   *
   * @throws what `work` threw last, or the signal's reason
   */
  execute<T>(work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export function createRetry(options: RetryOptions): Retry {
  const { attempts, backoff, isWorthRetrying, random = Math.random } = options;
  const policy = retry(handleWhen(isWorthRetrying), {
    // cockatiel counts retries, not calls
    maxAttempts: attempts - 1,
    backoff: new DelegateBackoff(({ attempt }) =>
      Math.floor(random() * Math.min(backoff.maxMs, backoff.initialMs * 2 ** (attempt - 1))),
    ),
  });
  const never = new AbortController().signal;
  return {
    execute: (work, signal = never) =>
      policy.execute(async () => {
        signal.throwIfAborted();
        return work(signal);
      }, signal),
  };
}

export interface OutboundPolicyOptions
  extends Omit<RetryOptions, 'isWorthRetrying'>,
    Omit<BreakerDependencies, 'isNeutral' | keyof BreakerOptions> {
  breaker: BreakerOptions;
  /**
   * Is it the service that is unwell (timeout, reset, 5xx)? Only then is the call retried and counted
   * by the breaker. A refusal of this very request (4xx) is an answer: it counts as health, or one
   * poison message would shut the door for all (docs/reliability.md#circuit-breaker).
   */
  isTransient: (error: unknown) => boolean;
  /** Was no call made at all, or is nothing new said by it? Then it is neither health nor a failure. Default: nothing */
  isNeutral?: (error: unknown) => boolean;
}

/** Retry around a breaker of this process: each call counts, and an open breaker ends the retrying at once. */
export interface OutboundPolicy extends Retry {
  readonly state: BreakerState;
}

export function createOutboundPolicy(options: OutboundPolicyOptions): OutboundPolicy {
  const { isTransient, isNeutral = () => false, breaker: limits } = options;
  const breaker = new Breaker({ ...options, ...limits, isNeutral });
  const retrying = createRetry({
    ...options,
    isWorthRetrying: (error) => !(error instanceof BreakerOpenError) && isTransient(error),
  });
  return {
    execute: (work, signal) =>
      retrying.execute((stop) => breaker.execute(() => work(stop), stop), signal),
    get state() {
      return breaker.state;
    },
  };
}
