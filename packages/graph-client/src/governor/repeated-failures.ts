import { LRUCache } from 'lru-cache';

/** Names remembered at most, of what failed when it was last asked for. */
const NAMES_MAX = 1_000;

/**
 * Failures of what had failed when it was asked for before. They say nothing new of Graph: one message, or one page, that
 * it cannot give would else open the breaker for all others. A Graph that is down fails on many things.
 */
export class RepeatedFailures {
  readonly #failed = new LRUCache<string, true>({ max: NAMES_MAX });
  readonly #repeated = new WeakSet<Error>();

  /** @param name what is asked for; undefined: it is not one thing */
  isKnown(name: string | undefined): boolean {
    return name !== undefined && this.#failed.has(name);
  }

  ended(name: string | undefined, well: boolean): void {
    if (name === undefined) return;
    if (well) this.#failed.delete(name);
    else this.#failed.set(name, true);
  }

  add(error: unknown): void {
    if (error instanceof Error) this.#repeated.add(error);
  }

  has(error: unknown): boolean {
    return error instanceof Error && this.#repeated.has(error);
  }
}
