interface Kept<V> {
  readonly value: V;
  /** ms since the epoch */
  readonly until: number;
}

/** What is remembered for a while, and no more than `max` of it: the oldest makes way. */
export class ExpiringMap<V> {
  readonly #now: () => number;
  readonly #max: number;
  readonly #kept = new Map<string, Kept<V>>();

  constructor(now: () => number, max: number) {
    this.#now = now;
    this.#max = max;
  }

  get(key: string): V | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined || kept.until > this.#now()) return kept?.value;
    this.#kept.delete(key);
    return undefined;
  }

  set(key: string, value: V, forMs: number): void {
    this.#kept.delete(key);
    this.#kept.set(key, { value, until: this.#now() + forMs });
    // A map keeps the order of insertion.
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#max && oldest !== undefined) this.#kept.delete(oldest);
  }

  delete(key: string): void {
    this.#kept.delete(key);
  }
}
