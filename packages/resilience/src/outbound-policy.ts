import { DelegateBackoff, handleWhen, retry } from 'cockatiel';

import { Breaker, type BreakerOptions, type BreakerState, type CallOptions } from './breaker.ts';
import { BreakerOpenError } from './breaker-open-error.ts';

export interface OutboundPolicyOptions {
  /** calls at most for one `execute`, the first included; 1 leaves retrying to the queue */
  attempts: number;
  /** ms before call n+1: a random part of min(maxMs, initialMs * 2^(n-1)), so that callers spread out */
  backoff: { initialMs: number; maxMs: number };
  breaker: BreakerOptions;
  /**
   * Is it the service that is unwell (timeout, reset, 5xx)? Only then is the call retried and counted
   * by the breaker. A refusal of this very request (4xx) is an answer: it counts as health, or one
   * poison message would shut the door for all (docs/reliability.md#circuit-breaker).
   */
  isTransient: (error: unknown) => boolean;
  /** Of what is transient: is it worth another call at once? Default: all of it */
  isWorthRetrying?: (error: unknown) => boolean;
  /** Was no call made at all, or is nothing new said by it? Then the breaker takes it for neither health nor a failure. Default: nothing */
  isNeutral?: (error: unknown) => boolean;
  /** ms of a clock that never jumps; default `performance.now` */
  clock?: { now(): number };
  /** [0, 1) */
  random?: () => number;
}

interface ExecuteOptions extends CallOptions {
  /** false: one call only, whatever comes of it */
  retries?: boolean;
}

/** Retry with full jitter around a breaker: what every call that leaves the house goes through. */
export interface OutboundPolicy {
  /**
   * Calls `work`, again when it fails transiently. `attempt` counts from 1. A wait between two calls
   * is not cut short by the signal (keep `maxMs` small), but no call is made after it.
   *
   * @throws {BreakerOpenError} without any call while the breaker is open, and for all but the one
   *   probe while it is half-open: cockatiel alone would queue them without bound and release them as
   *   a herd (docs/reliability.md#circuit-breaker)
   * @throws what `work` threw last
   */
  execute<T>(
    work: (context: { attempt: number; signal: AbortSignal }) => Promise<T>,
    signal?: AbortSignal,
    options?: ExecuteOptions,
  ): Promise<T>;
  /** ms during which no call will be made; 0 when calls may be made. What a queue is gated by */
  openForMs(): number;
  readonly state: BreakerState;
  /** Tells every change of the breaker. Returns what ends the telling. */
  onStateChange(listener: (state: BreakerState) => void): () => void;
}

/**
 * The breaker is innermost, so that each call counts and an open breaker ends the retrying at once.
 * It is this process's own (docs/reliability.md#circuit-breaker): what must rest in the whole fleet is the queue, gated
 * by `openForMs()`.
 */
export function createOutboundPolicy(options: OutboundPolicyOptions): OutboundPolicy {
  const { attempts, backoff, isTransient, clock = performance, random = Math.random } = options;
  const { isWorthRetrying = () => true, isNeutral = () => false } = options;
  const breaker = new Breaker({ ...options.breaker, isTransient, isNeutral, clock, random });
  const retrying = retry(
    handleWhen(
      (error) =>
        !(error instanceof BreakerOpenError) && isTransient(error) && isWorthRetrying(error),
    ),
    {
      // cockatiel counts retries, not calls
      maxAttempts: attempts - 1,
      backoff: new DelegateBackoff(({ attempt }) =>
        Math.floor(random() * Math.min(backoff.maxMs, backoff.initialMs * 2 ** (attempt - 1))),
      ),
    },
  );
  const never = new AbortController().signal;
  return {
    execute(work, signal = never, { retries = true, counts = true } = {}) {
      const call = async ({ attempt }: { attempt: number }) => {
        signal.throwIfAborted();
        return breaker.execute(() => work({ attempt: attempt + 1, signal }), signal, { counts });
      };
      return retries ? retrying.execute(call, signal) : call({ attempt: 0 });
    },
    openForMs: () => breaker.openForMs(),
    get state() {
      return breaker.state;
    },
    onStateChange: (listener) => breaker.onStateChange(listener),
  };
}
