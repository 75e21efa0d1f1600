/** Tokens that come back at a steady rate, up to a burst. `now` in ms, from a clock that never goes back. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor({ perSecond, burst, now }: { perSecond: number; burst: number; now: number }) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  /** Takes tokens, one by default, if there are as many. */
  take(now: number, count = 1): boolean {
    this.#refill(now);
    if (this.#tokens < count) return false;
    this.#tokens -= count;
    return true;
  }

  /** Takes them whether there are as many or not: what is owed comes back first. */
  spend(now: number, count: number): void {
    this.#refill(now);
    this.#tokens -= count;
  }

  isEmpty(now: number): boolean {
    this.#refill(now);
    return this.#tokens < 1;
  }

  #refill(now: number): void {
    const gained = ((now - this.#at) / 1_000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#at = now;
  }
}
