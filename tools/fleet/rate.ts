/** Keeps the last few seconds of a growing count and answers with its growth a second. */
export class Rate {
  readonly #windowMs: number;
  #samples: { at: number; count: number }[] = [];

  /** @param windowMs longer is steadier, shorter is livelier */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(at: number, count: number): number {
    this.#samples.push({ at, count });
    this.#samples = this.#samples.filter((sample) => at - sample.at <= this.#windowMs);
    const first = this.#samples[0];
    if (!first || at <= first.at) return 0;
    return ((count - first.count) * 1_000) / (at - first.at);
  }
}
