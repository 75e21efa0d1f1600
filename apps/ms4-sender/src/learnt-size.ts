import type { Clock } from '@ms1/runtime';

/** Long enough not to pay a 413 for every batch; short enough to grow back the day the limit was lifted. */
const REMEMBER_MS = 10 * 60_000;

/** How many bytes a request may have: what is configured, or what MS4 has shown to be too much, for a while. */
export class LearntSize {
  readonly #max: number;
  readonly #clock: Clock;
  #learnt: number;
  #until = 0;

  constructor(bytesMax: number, clock: Clock) {
    this.#max = bytesMax;
    this.#learnt = bytesMax;
    this.#clock = clock;
  }

  bytesMax(): number {
    return this.#clock.now() < this.#until ? this.#learnt : this.#max;
  }

  /** A request of so many bytes was answered 413. */
  tooLarge(bytes: number): void {
    this.#learnt = Math.min(this.bytesMax(), Math.floor(bytes / 2));
    this.#until = this.#clock.now() + REMEMBER_MS;
  }
}
