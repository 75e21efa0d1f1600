/** ms before each restart; when they are used up the fleet gives up */
const BACKOFF_MS = [500, 2_000, 5_000];

/** As long as Kubernetes takes: a process that has lived for so long was started well. */
const FORGET_AFTER_MS = 10 * 60_000;

/** How often a process may end unasked: three times within ten minutes, however long the fleet has been up. */
export class Restarts {
  #endedAt: readonly number[] = [];

  /**
   * It has ended.
   *
   * @param now ms
   * @returns ms to wait before it is started again; undefined: it is not
   */
  next(now: number): number | undefined {
    this.#endedAt = this.#endedAt.filter((at) => now - at < FORGET_AFTER_MS);
    const wait = BACKOFF_MS[this.#endedAt.length];
    this.#endedAt = [...this.#endedAt, now];
    return wait;
  }
}
