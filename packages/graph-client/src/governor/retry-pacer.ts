/**
 * Turns one time for everybody into a place in line for each: where a mailbox's window is used up, room
 * comes back request by request, and thousands that all come back at its first free place would be sent
 * away again and again. Does what jitter is for, by pacing (GCRA's virtual schedule) instead of by chance.
 */
export class RetryPacer {
  readonly #msPerRequest: number;
  readonly #waitMsMax: number;
  /** until when the places are taken, by line */
  readonly #taken = new Map<string, number>();

  /** @param waitMsMax beyond it everything has room again */
  constructor(msPerRequest: number, waitMsMax: number) {
    this.#msPerRequest = msPerRequest;
    this.#waitMsMax = waitMsMax;
  }

  /** The ms that these requests should wait, of which the first could go in `ms`. */
  next(line: string, requests: number, ms: number, now: number): number {
    if (this.#taken.size > 1_000) {
      for (const [name, until] of this.#taken) if (until <= now) this.#taken.delete(name);
    }
    const place = Math.max(this.#taken.get(line) ?? 0, now + ms);
    this.#taken.set(line, place + requests * this.#msPerRequest);
    return Math.min(place - now, Math.max(this.#waitMsMax, ms));
  }
}
