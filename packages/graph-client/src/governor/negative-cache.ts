import type { Clock } from '@ms1/runtime';

import { GraphAuthError } from '../errors/graph-error.ts';

/** ms; somebody has to renew a credential, and should not wait long after */
const KEPT_MS = 30_000;
/** Refusals with nothing answered between them: one alone may be about what was asked for. */
const REFUSALS_MIN = 2;

/**
 * Remembers that a tenant refuses our credential, and refused it again: for a while nobody calls, and whoever would is
 * told for how long. Its messages wait without a token being asked for each of them, and other tenants, which have
 * caches of their own, notice nothing.
 */
export class NegativeCache {
  readonly #clock: Clock;
  #refused: GraphAuthError | null = null;
  #until = 0;
  #refusals = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws {GraphAuthError} the refusal that is remembered */
  assertNone(): void {
    const now = this.#clock.now();
    if (this.#refused && now < this.#until) throw this.#refused.again(this.#until - now);
  }

  answered(): void {
    this.#refused = null;
    this.#refusals = 0;
  }

  failed(error: unknown): void {
    if (!(error instanceof GraphAuthError)) return;
    this.#refusals += 1;
    if (this.#refusals < REFUSALS_MIN) return;
    this.#refused = error;
    this.#until = this.#clock.now() + KEPT_MS;
  }

  /** Why our credential is refused; null when it is not, or nobody has tried for a while: then it is no news. */
  refusal(): GraphAuthError | null {
    return this.#clock.now() < this.#until + 2 * KEPT_MS ? this.#refused : null;
  }
}
