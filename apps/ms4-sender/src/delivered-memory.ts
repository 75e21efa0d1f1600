import type { EncodedItem } from '@ms1/ms4-client';
import type { Clock } from '@ms1/runtime';

const RECENT_MS = 10 * 60_000;

/** What this process last delivered: shows that its credentials are good, and is sent again as a control. */
export class DeliveredMemory {
  readonly #clock: Clock;
  #at = Number.NEGATIVE_INFINITY;
  /** null: nothing yet */
  last: EncodedItem | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  remember(item: EncodedItem): void {
    this.last = item;
    this.#at = this.#clock.now();
  }

  /** This process delivered within the last ten minutes. */
  isRecent(): boolean {
    return this.#clock.now() - this.#at < RECENT_MS;
  }
}
