import { ExpiringMap } from './expiring-map.ts';

/** Messages a page in the beginning: what Graph expands in well under its 30 s (docs/graph-contract.md#time-limit). */
const SIZE_FIRST = 50;
/**
 * With 2 ms a message and 200 ms a request, a page of 50 is 6 ms a message, of 200 it is 3, of 1,000 2.2: what is behind
 * costs memory, and a longer wait for the first message on it.
 */
const SIZE_MAX = 200;
const GROWTH = 1.25;
/** ms in which a size that failed is not tried again; then it may have been Graph's bad day. */
const CEILING_MS = 600_000;
const MAILBOXES_MAX = 10_000;

/** How many messages to ask for on an expanded page, learned by mailbox: half after a failure, slowly more after each success. */
export class LearnedSizes {
  readonly #sizes: ExpiringMap<number>;
  readonly #ceilings: ExpiringMap<number>;

  constructor(now: () => number) {
    this.#sizes = new ExpiringMap(now, MAILBOXES_MAX);
    this.#ceilings = new ExpiringMap(now, MAILBOXES_MAX);
  }

  /** 1: no page does well. */
  of(mailboxId: string): number {
    return this.#sizes.get(mailboxId) ?? SIZE_FIRST;
  }

  /** Only a page as large as may be shows that a larger one may do. */
  didWell(mailboxId: string, size: number): void {
    const known = this.of(mailboxId);
    if (size < known) return;
    const most = Math.min((this.#ceilings.get(mailboxId) ?? SIZE_MAX + 1) - 1, SIZE_MAX);
    this.#set(mailboxId, Math.max(known, Math.min(Math.ceil(known * GROWTH), most)));
  }

  /** Of several pages of one size that fail at once the first one counts. */
  didBadly(mailboxId: string, size: number): void {
    if (size > this.of(mailboxId)) return;
    this.#ceilings.set(mailboxId, size, CEILING_MS);
    this.#set(mailboxId, Math.max(Math.floor(size / 2), 1));
  }

  /** What failed was one message, whatever page it was on. */
  forget(mailboxId: string): void {
    this.#ceilings.delete(mailboxId);
    this.#sizes.delete(mailboxId);
  }

  #set(mailboxId: string, size: number): void {
    this.#sizes.set(mailboxId, size, CEILING_MS);
  }
}
