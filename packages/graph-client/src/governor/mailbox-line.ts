interface Waiting {
  least: number;
  live: boolean;
  /** @param free permits that nobody has */
  start: (free: number) => void;
}

/**
 * This process's calls of one mailbox, in the order they came, live ones first. Only as many as the
 * mailbox has slots ask the fleet's permits; the others wait here, where waiting costs no command.
 */
export class MailboxLine {
  readonly #slots: number;
  #taken = 0;
  #waiting: Waiting[] = [];

  constructor(slots: number) {
    this.#slots = slots;
  }

  get idle(): boolean {
    return this.#taken === 0 && this.#waiting.length === 0;
  }

  /**
   * Waits for its turn, which comes with the permits it has: all, or at least `least` where others have the rest.
   * `leave` must be called once, whether the turn came or not.
   */
  enter(
    permits: number,
    live: boolean,
    least = permits,
  ): { turn: Promise<number>; leave: () => void } {
    let taken = 0;
    let entry: Waiting | undefined;
    const turn = new Promise<number>((resolve) => {
      entry = {
        least,
        live,
        start: (free) => {
          taken = Math.min(permits, free);
          this.#taken += taken;
          resolve(taken);
        },
      };
      this.#waiting.push(entry);
      this.#startNext();
    });
    return {
      turn,
      leave: () => {
        if (taken > 0) this.#taken -= taken;
        else this.#waiting = this.#waiting.filter((one) => one !== entry);
        this.#startNext();
      },
    };
  }

  #startNext(): void {
    for (;;) {
      const next = this.#waiting.find(({ live }) => live) ?? this.#waiting[0];
      const free = this.#slots - this.#taken;
      if (!next || free < next.least) return;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      next.start(free);
    }
  }
}
