import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleType,
} from 'cockatiel';

import { BreakerOpenError } from './breaker-open-error.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerOptions {
  /**
   * transient failures in a row that open it. In a row, because a rate never trips at low traffic
   * (docs/reliability.md#circuit-breaker)
   */
  threshold: number;
  /** ms it stays open at first; doubled by each failed probe, up to `openMsMax`, with up to a fifth of jitter */
  openMs: number;
  openMsMax: number;
}

export interface CallOptions {
  /**
   * false: whatever comes of it says nothing about the service, because the fault is thought to be in the
   * call itself. As a probe it may close the breaker; its failure keeps it open.
   */
  counts?: boolean;
}

interface BreakerDependencies extends BreakerOptions {
  isTransient: (error: unknown) => boolean;
  isNeutral: (error: unknown) => boolean;
  clock: { now(): number };
  random: () => number;
}

/** While the probe is out nobody knows how long it takes; ask again after this. */
const PROBE_WAIT_MS = 1_000;

/** How a call ended, seen by the breaker: returned when it says nothing against the service, thrown when it does. */
type Ending<T> = { value: T } | { error: unknown };

class CountedFailure extends Error {
  constructor(cause: unknown) {
    super('counted by the breaker', { cause });
  }
}

/**
 * cockatiel's consecutive breaker with four of its habits turned off (docs/reliability.md#circuit-breaker): callers
 * beyond the probe are refused instead of queued; failures of calls that began before the last change
 * of state do not count; time is a clock that does not jump with the wall clock; and what is not
 * transient counts as health.
 */
export class Breaker {
  readonly #options: BreakerDependencies;
  readonly #policy: CircuitBreakerPolicy;
  /** grows with every change of state, so that a late outcome is known as late */
  #generation = 0;
  #openUntil = 0;
  #openedInARow = 0;
  /** the probe made no call: whoever comes next is the probe */
  #unprobed = false;

  constructor(options: BreakerDependencies) {
    this.#options = options;
    this.#policy = circuitBreaker(handleType(CountedFailure), {
      breaker: new ConsecutiveBreaker(options.threshold),
      // Always "long enough ago" by the wall clock: #openUntil decides, by our own clock.
      halfOpenAfter: Number.NEGATIVE_INFINITY,
    });
    this.#policy.onStateChange((state) => this.#changed(state));
  }

  get state(): BreakerState {
    switch (this.#policy.state) {
      case CircuitState.Closed:
        return 'closed';
      case CircuitState.HalfOpen:
        return 'half-open';
      case CircuitState.Open:
      case CircuitState.Isolated:
        return 'open';
    }
  }

  /** 0 when a call may be made: closed, or open long enough for a probe */
  openForMs(): number {
    if (this.state === 'closed') return 0;
    if (this.state === 'half-open') return PROBE_WAIT_MS;
    return Math.max(0, this.#openUntil - this.#options.clock.now());
  }

  /** @throws {BreakerOpenError} when no call may be made now */
  async execute<T>(
    work: () => Promise<T>,
    signal: AbortSignal,
    { counts = true }: CallOptions = {},
  ): Promise<T> {
    const openForMs = this.openForMs();
    if (openForMs > 0) throw new BreakerOpenError(openForMs);
    // Past cockatiel, which would take a success for the end of a row of failures.
    if (!counts && this.state === 'closed') return work();
    // cockatiel turns half-open inside this call before anything is awaited, so the next caller sees it.
    let ending: Ending<T>;
    try {
      ending = await this.#policy.execute(() =>
        this.#observe(work, this.#generation, signal, counts),
      );
    } catch (error) {
      throw error instanceof CountedFailure ? error.cause : error;
    }
    if ('error' in ending) throw ending.error;
    return ending.value;
  }

  onStateChange(listener: (state: BreakerState) => void): () => void {
    const subscription = this.#policy.onStateChange(() => listener(this.state));
    return () => subscription.dispose();
  }

  async #observe<T>(
    work: () => Promise<T>,
    generation: number,
    signal: AbortSignal,
    counts: boolean,
  ): Promise<Ending<T>> {
    const probe = this.state === 'half-open';
    try {
      return { value: await work() };
    } catch (error) {
      const late = generation !== this.#generation;
      this.#unprobed = probe && !late && this.#options.isNeutral(error);
      // A call that we ended ourselves says nothing; as a probe it must not close the breaker either.
      const isSilent = signal.aborted || !counts || this.#options.isNeutral(error);
      const failed = isSilent ? probe : this.#options.isTransient(error);
      if (failed && !late) throw new CountedFailure(error);
      // cockatiel takes what is thrown and not handled for neither a success nor a failure.
      if (isSilent && !late) throw error;
      return { error };
    }
  }

  #changed(state: CircuitState): void {
    this.#generation += 1;
    if (state === CircuitState.Closed) this.#openedInARow = 0;
    if (state !== CircuitState.Open || this.#unprobed) return;
    const { openMs, openMsMax, clock, random } = this.#options;
    const base = Math.min(openMsMax, openMs * 2 ** this.#openedInARow);
    this.#openedInARow += 1;
    this.#openUntil = clock.now() + base * (1 + random() * 0.2);
  }
}
