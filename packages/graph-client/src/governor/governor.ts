/**
 * Decides when a call to Graph may go out. A mailbox takes 4 requests at a time and 10,000 in 10 minutes from our app,
 * over all processes (docs/graph-contract.md#throttling). Every call of this package for a mailbox waits for it.
 */
export interface Governor {
  /**
   * Runs `call` while holding what `plan` asks for; at once when it is null (a call for no mailbox).
   *
   * @throws {GraphThrottledError} without calling, when the mailbox is held or no permit is free in time
   */
  run<T>(
    plan: CallPlan<T> | null,
    call: (granted: Granted) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
  /**
   * No call to this mailbox from any process for `retryAfterMs`, or a backoff that grows when null: Graph throttles it.
   *
   * @param hold with `probe`: it moves or its store is down, and a single call goes first afterwards
   */
  hold(mailboxId: string, retryAfterMs: number | null, hold: { probe: boolean }): Promise<void>;
}

export interface Granted {
  /** a single request, that shows whether the mailbox is there again */
  probe: boolean;
  /** how many may be made: those of the plan, or fewer where it can do with that */
  requests: number;
}

/** What goes first when a mailbox cannot take all: new mail, or what is read again or for a session. */
export type Priority = 'live' | 'backfill';

export interface CallPlan<T = unknown> {
  mailboxId: string;
  /**
   * requests that count: the items of a $batch, of which Graph works on 4 at once, and as many permits are asked for
   * (docs/graph-contract.md#batching); default 1
   */
  requests?: number;
  /** permits it can do with where not all are free, for a request each; default all */
  least?: number | undefined;
  /** default live */
  priority?: Priority | undefined;
  /** what is asked for, where it is one thing: when it fails on and on, the fault may be its own */
  name?: string | undefined;
  /** whether what the call answered shows that the mailbox may be read; default: that it did not fail */
  isServed?(result: NoInfer<T>): boolean;
  /** ms since the epoch, from when on it has waited; default now. What has waited too long is given back at once */
  since?: number | undefined;
}

/** Requests of one app that Graph works on for one mailbox at a time (docs/graph-contract.md#throttling). */
export const MAILBOX_PERMITS = 4;
