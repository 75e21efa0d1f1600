import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleType,
} from 'cockatiel';

/** The breaker is open, so no call was made. Not a failure of the work: snooze it. */
export class BreakerOpenError extends Error {
  readonly code = 'breaker_open';
  /** ms until a call may be tried again */
  readonly openForMs: number;

  constructor(openForMs: number) {
    super(`no call for ${Math.ceil(openForMs)} ms: the breaker is open`);
    this.name = 'BreakerOpenError';
    this.openForMs = openForMs;
  }
}

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
   * false: its failure says nothing about the service, because the fault is thought to be in the call itself, nor
   * does its success end a row of failures. As a probe it may close the breaker.
   */
  counts?: boolean;
}

export interface BreakerDependencies extends BreakerOptions {
  /** the service is unwell */
  isTransient: (error: unknown) => boolean;
  /** nothing new is said about it */
  isNeutral: (error: unknown) => boolean;
  /** ms of a clock that never jumps; default `performance.now` */
  clock?: { now(): number };
  /** [0, 1) */
  random?: () => number;
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
  readonly #options: Required<BreakerDependencies>;
  readonly #policy: CircuitBreakerPolicy;
  /** grows with every change of state, so that a late outcome is known as late */
  #generation = 0;
  #openUntil = 0;
  #openedInARow: number;
  /** the probe said nothing: whoever comes next is the probe */
  #unprobed = false;

  /** @param openedInARow not null: it begins open, after so many openings in a row, and its first call is the probe */
  constructor(options: BreakerDependencies, openedInARow: number | null = null) {
    this.#options = { clock: performance, random: Math.random, ...options };
    this.#openedInARow = openedInARow ?? 0;
    this.#policy = circuitBreaker(handleType(CountedFailure), {
      breaker: new ConsecutiveBreaker(options.threshold),
      // Always "long enough ago" by the wall clock: #openUntil decides, by our own clock.
      halfOpenAfter: Number.NEGATIVE_INFINITY,
      ...(openedInARow !== null && {
        initialState: {
          ownState: { value: CircuitState.Open, openedAt: 0, attemptNo: 1 },
          breakerState: 0,
        },
      }),
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
      const { isTransient, isNeutral } = this.#options;
      // A call that we ended ourselves says nothing; as a probe it must not close the breaker either.
      const isSilent = signal.aborted || isNeutral(error) || (!counts && isTransient(error));
      this.#unprobed = probe && !late && isSilent;
      const failed = isSilent ? probe : isTransient(error);
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
