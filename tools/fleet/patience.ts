/**
 * ms without any progress after which something is wrong: longer than anything here stands still by itself.
 * What a killed process held of Graph comes free after 65 s (GraphPermits), its jobs after 50 s.
 */
const PATIENCE_MS = 90_000;

/** Waits for as long as something moves, however long that takes. */
export class Patience {
  readonly #now: () => number;
  #seen: string | undefined;
  #movedAt: number;

  /** @param now ms since any moment */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#movedAt = now();
  }

  /** @param state whatever changes when there is progress, as JSON can tell it */
  isOver(state: unknown): boolean {
    const seen = JSON.stringify(state);
    if (seen !== this.#seen) this.#movedAt = this.#now();
    this.#seen = seen;
    return this.#now() - this.#movedAt > PATIENCE_MS;
  }
}
