import {
  GraphForeignLinkError,
  GraphProtocolError,
  GraphRequestError,
  GraphTimeoutError,
  GraphTransientError,
  GraphUnavailableError,
} from '../errors/graph-error.ts';

/** Messages a page below which a page that takes too long is not about the size any more. */
const SLOW_SIZE_MIN = 25;
/** Folders remembered at most, of those whose pages failed lately. */
const FOLDERS_MAX = 1_000;

/**
 * May a single message be why this page is refused? Graph then answers 400, 500, 502 or 504 to whatever page it is on, or
 * half of one, or more than we take, or nothing in time. A mailbox that moves, throttles or forbids says so.
 */
export function mayBeOneMessage(error: unknown): boolean {
  if (error instanceof GraphUnavailableError || error instanceof GraphForeignLinkError) {
    return false;
  }
  return (
    error instanceof GraphTransientError ||
    error instanceof GraphProtocolError ||
    error instanceof GraphRequestError
  );
}

/**
 * How many messages to ask for, by folder: as many as are wanted, fewer after a page that failed, and twice as many after
 * each that did well. A message that Graph cannot put on a page is closed in on down to a page of one.
 */
export class PageSizes {
  readonly #sizes = new Map<string, number>();

  of(folder: string, wanted: number): number {
    return Math.min(this.#sizes.get(folder) ?? wanted, wanted);
  }

  didWell(folder: string, size: number, wanted: number): void {
    if (size * 2 >= wanted) this.#sizes.delete(folder);
    else this.#sizes.set(folder, size * 2);
  }

  /** False when it was a page of one, or the page's size cannot be why. */
  reduce(folder: string, size: number, error: unknown): boolean {
    if (size <= 1 || !mayBeOneMessage(error)) return false;
    const isSlow = error instanceof GraphTimeoutError && size > SLOW_SIZE_MIN;
    const [oldest] = this.#sizes.keys();
    if (this.#sizes.size >= FOLDERS_MAX && oldest !== undefined) this.#sizes.delete(oldest);
    this.#sizes.set(folder, isSlow ? Math.ceil(size / 2) : 1);
    return true;
  }
}
