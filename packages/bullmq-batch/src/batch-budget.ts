/** A worker's loop, as far as places go. */
interface Taker {
  /** a place may be free: try again */
  wake(): void;
}

/**
 * The places for batches in flight that the workers of one process share, where it takes from several queues. Places go
 * round: who waits for one comes before who has just had one, so that a queue that is never empty starves no other.
 */
export class BatchBudget {
  readonly concurrency: number;
  /** the last place is for jobs that were added with `lifo` */
  readonly reserve: boolean;
  #used = 0;
  #isFirstUsed = false;
  readonly #waiting = new Set<Taker>();
  /** those with a job on its last chance, which has the process to itself, or waits for that */
  readonly #exclusive = new Set<Taker>();

  constructor(concurrency: number, reserve = false) {
    this.concurrency = concurrency;
    this.reserve = reserve && concurrency > 1;
  }

  /** Nothing else of the process is in flight beside the place that the asker has. */
  get isAlone(): boolean {
    return this.#used + Number(this.#isFirstUsed) === 1;
  }

  /** Whether a place that is had already may be used for the next batch too: no other worker waits for one. */
  mayKeep(taker: Taker): boolean {
    const others = this.#waiting.size - Number(this.#waiting.has(taker));
    return others === 0 && (this.#exclusive.size === 0 || this.isAlone);
  }

  /** @returns which place; null: it is told when to ask again */
  take(taker: Taker): 'any' | 'first' | null {
    const [next = taker] = this.#waiting;
    const isFree = this.#used < this.#most() && !(this.#exclusive.size > 0 && this.#isFirstUsed);
    if (isFree && next === taker) {
      this.#waiting.delete(taker);
      this.#used += 1;
      this.#wakeNext();
      return 'any';
    }
    this.#waiting.add(taker);
    if (!this.reserve || this.#isFirstUsed || this.#exclusive.size > 0) return null;
    if (this.#used < this.#most()) return null;
    this.#isFirstUsed = true;
    return 'first';
  }

  give(place: 'any' | 'first'): void {
    if (place === 'first') this.#isFirstUsed = false;
    else this.#used -= 1;
    this.#wakeNext();
  }

  /** It does not wait any more. */
  leave(taker: Taker): void {
    if (this.#waiting.delete(taker)) this.#wakeNext();
  }

  exclude(taker: Taker, isExclusive: boolean): void {
    if (isExclusive) this.#exclusive.add(taker);
    else if (this.#exclusive.delete(taker)) this.#wakeNext();
  }

  #most(): number {
    if (this.#exclusive.size > 0) return 1;
    return this.reserve ? this.concurrency - 1 : this.concurrency;
  }

  #wakeNext(): void {
    const [next] = this.#waiting;
    next?.wake();
  }
}
