interface Waiting {
  permits: number;
  live: boolean;
  start: () => void;
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

  /** Waits for its turn. `leave` must be called once, whether the turn came or not. */
  enter(permits: number, live: boolean): { turn: Promise<void>; leave: () => void } {
    let started = false;
    let entry: Waiting | undefined;
    const turn = new Promise<void>((resolve) => {
      entry = {
        permits,
        live,
        start: () => {
          started = true;
          this.#taken += permits;
          resolve();
        },
      };
      this.#waiting.push(entry);
      this.#startNext();
    });
    return {
      turn,
      leave: () => {
        if (started) this.#taken -= permits;
        else this.#waiting = this.#waiting.filter((one) => one !== entry);
        this.#startNext();
      },
    };
  }

  #startNext(): void {
    for (;;) {
      const next = this.#waiting.find(({ live }) => live) ?? this.#waiting[0];
      if (!next || this.#taken + next.permits > this.#slots) return;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      next.start();
    }
  }
}
