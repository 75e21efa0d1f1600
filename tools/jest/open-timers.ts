type SetTimer = typeof setTimeout | typeof setInterval;

/** Node's own word for a timer that is over; every version has it, and `hasRef` alone stays true. */
type Timer = NodeJS.Timeout & { _destroyed?: boolean };

/** Above it, those that are over are forgotten: a test may start millions. */
const KEPT_MAX = 1_000;

/** Keeps account of the timers that are started through a global object. */
export class OpenTimers {
  readonly #started = new Map<Timer, string>();
  #pruneAt = KEPT_MAX;

  watch(global: { setTimeout: unknown; setInterval: unknown }): void {
    for (const name of ['setTimeout', 'setInterval'] as const) {
      const original = global[name] as SetTimer;
      const watched = (callback: () => void, ...rest: [number]): Timer => {
        const timer = original(callback, ...rest) as Timer;
        this.#started.set(timer, String(callback).replaceAll(/\s+/g, ' ').slice(0, 80));
        if (this.#started.size > this.#pruneAt) this.#prune();
        return timer;
      };
      // promisify() finds its own variant on the function.
      Object.defineProperties(watched, Object.getOwnPropertyDescriptors(original));
      global[name] = watched;
    }
  }

  /** The beginning of the code of each that would keep the process from ending. */
  open(): string[] {
    this.#prune();
    return [...this.#started].filter(([timer]) => timer.hasRef()).map(([, code]) => code);
  }

  #prune(): void {
    for (const timer of this.#started.keys()) {
      if (timer._destroyed) this.#started.delete(timer);
    }
    this.#pruneAt = Math.max(KEPT_MAX, 2 * this.#started.size);
  }
}
