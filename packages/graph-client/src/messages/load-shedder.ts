/** ms; longer than a few requests of a slow Graph, and half of what a call waits for its permits */
const WAIT_MS_MAX = 5_000;
/** Two $batches may wait however slow the line is. */
const ROOM_MIN = 40;
/** The first request of a line also waits for its connection and its token. A third would be late where Graph is slow. */
const REQUESTS_MIN = 2;
/** What was sent away comes back early, so that the line is never empty: what is then too many is sent away again. */
const EARLY = 1 / 2;
/** ms; as a window that is used up has room again */
const AWAY_MS_MAX = 600_000;

/**
 * How many messages of a mailbox are worth waiting for. Whoever waits keeps a batch of jobs in hand, and with it the mail of
 * other mailboxes that lies behind a flood of this one. So what would wait long is sent away at once, each until its turn
 * may have come, and nobody is let in before most of what waits is done: few batches have messages of the flood then.
 */
export class LoadShedder {
  /** ms an item */
  #each = 0;
  #requests = 0;
  #isFull = false;
  /** ms since the epoch: the place of the last that was sent away */
  #last = 0;

  /** `items` took `ms` together. */
  took(ms: number, items: number): void {
    const each = ms / Math.max(items, 1);
    this.#each = this.#requests === 0 ? each : (this.#each + each) / 2;
    this.#requests += 1;
  }

  /** Items that have their turn soon. */
  get room(): number {
    if (this.#requests < REQUESTS_MIN) return Number.POSITIVE_INFINITY;
    return Math.max(Math.floor(WAIT_MS_MAX / Math.max(this.#each, 0.1)), ROOM_MIN);
  }

  /** May one more wait, where so many do? */
  admits(waiting: number): boolean {
    this.#isFull = this.#isFull ? waiting > this.room / 4 : waiting >= this.room;
    return !this.#isFull;
  }

  /** ms until one that is sent away should ask again. */
  shed(now: number): number {
    this.#isFull = true;
    this.#last = Math.max(this.#last, now + WAIT_MS_MAX / 2) + this.#each * EARLY;
    return Math.ceil(Math.min(this.#last - now, AWAY_MS_MAX));
  }
}
