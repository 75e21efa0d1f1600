import type { Clock } from '@ms1/runtime';

/** A record that MS4 fails on while it may be well for others, as one sender saw it last. */
interface Suspect {
  /** message key */
  key: string;
  /** how MS4 answered: `ms4_500` */
  code: string;
  /** ms since the epoch: MS4 first failed on it */
  since: number;
}

/** Tried again each 30 s or so by one sender or another: what did not come by for so long ended elsewhere. */
const SEEN_MS = 5 * 60_000;

/** The suspects of one sender, for whoever asks why records are not delivered. */
export class SuspectWatch {
  readonly #clock: Clock;
  readonly #seen = new Map<string, { suspect: Suspect; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  saw(suspect: Suspect): void {
    this.#seen.set(suspect.key, { suspect, at: this.#clock.now() });
  }

  /** It was delivered, or is a dead letter. */
  ended(key: string): void {
    this.#seen.delete(key);
  }

  /** Longest first. */
  list(): Suspect[] {
    const oldest = this.#clock.now() - SEEN_MS;
    for (const [key, { at }] of this.#seen) if (at < oldest) this.#seen.delete(key);
    return [...this.#seen.values()]
      .map(({ suspect }) => suspect)
      .toSorted((a, b) => a.since - b.since);
  }
}
