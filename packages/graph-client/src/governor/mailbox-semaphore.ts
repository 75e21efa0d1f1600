/** What a call of a mailbox holds of its permits, or waits for. */
export interface Place {
  /** permits it has: none while it waits, then all that it wants, or at least `least` where others have the rest */
  taken: number;
  /** resolves when it has them */
  readonly turn: Promise<void>;
}

interface Waiting extends Place {
  permits: number;
  least: number;
  live: boolean;
  start: () => void;
}

/**
 * This process's calls of one mailbox, in the order they came, live ones first. Only as many as the
 * mailbox has slots ask the fleet's permits; the others wait here, where waiting costs no command.
 *
 * A semaphore of its own, because p-limit and the like know neither calls that weigh more than one, nor calls that can
 * do with less.
 */
export class MailboxSemaphore {
  readonly #slots: number;
  #taken = 0;
  #waiting: Waiting[] = [];

  constructor(slots: number) {
    this.#slots = slots;
  }

  get idle(): boolean {
    return this.#taken === 0 && this.#waiting.length === 0;
  }

  enter(permits: number, live: boolean, least = permits): Place {
    const { promise: turn, resolve: start } = Promise.withResolvers<void>();
    const place = { taken: 0, turn, permits, least, live, start };
    this.#waiting.push(place);
    this.#startNext();
    return place;
  }

  /** Once for each that entered, whether its turn came or not. */
  leave(place: Place): void {
    this.#taken -= place.taken;
    this.#waiting = this.#waiting.filter((one) => one !== place);
    this.#startNext();
  }

  #startNext(): void {
    for (;;) {
      const next = this.#waiting.find(({ live }) => live) ?? this.#waiting[0];
      const free = this.#slots - this.#taken;
      if (!next || free < next.least) return;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      next.taken = Math.min(next.permits, free);
      this.#taken += next.taken;
      next.start();
    }
  }
}
