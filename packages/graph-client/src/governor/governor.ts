/**
 * Who may call whom now. A mailbox takes 4 requests at a time from our app, over all processes (Graph
 * contract 7). Every call of this package for a mailbox goes through one.
 */
export interface Governor {
  /**
   * Runs `call` while holding permits: for each mailbox as many as the call keeps busy there (1 for a
   * plain call, min(4, items) for a $batch).
   *
   * @throws {GraphThrottledError} without calling, when the permits are not to be had in time
   */
  run<T>(
    weights: ReadonlyMap<string, number>,
    call: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
  /** Graph throttles this mailbox: no call to it from any process for `retryAfterMs`, or a backoff when null. */
  throttled(mailboxId: string, retryAfterMs: number | null): Promise<void>;
}

/** Requests of one app that Graph works on for one mailbox at a time (Graph contract 7). */
export const MAILBOX_PERMITS = 4;
