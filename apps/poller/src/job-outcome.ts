import {
  GraphAuthError,
  GraphError,
  GraphForbiddenError,
  GraphMailboxError,
  GraphThrottledError,
  GraphUnavailableError,
  GraphUnlistedError,
} from '@ms1/graph-client';

/** When a job that Graph would not serve now is to be tried again, without counting an attempt. */
export interface Postponed {
  afterMs: number;
  /** an operator has to do something: readiness says so */
  trouble: boolean;
}

/** ms; a mailbox that moves does so for minutes to hours (docs/graph-contract.md#mailbox-states) */
const UNAVAILABLE_MS = 30_000;
/** ms; somebody has to mend it, and should not wait long after. A folder's own tick asks as often */
const REFUSED_MS = 60_000;
/** ms; its mailbox was paused or removed in the middle: the next start of the job sees that, and says what becomes of it */
const UNLISTED_MS = 1_000;

/** How a failed job goes on: postponed, or undefined for what is retried with backoff and counted. */
export function postponed(error: unknown, random: () => number): Postponed | undefined {
  if (!(error instanceof GraphError)) return undefined;
  const after = (ms: number, trouble: boolean): Postponed => ({
    // Up to a fifth later, so that jobs postponed together do not come back together.
    afterMs: Math.ceil((error.retryAfterMs ?? ms) * (1 + random() / 5)),
    trouble,
  });
  if (error instanceof GraphThrottledError) return after(10_000, false);
  if (error instanceof GraphUnavailableError) return after(UNAVAILABLE_MS, false);
  if (error instanceof GraphUnlistedError) return after(UNLISTED_MS, false);
  if (
    error instanceof GraphAuthError ||
    error instanceof GraphForbiddenError ||
    error instanceof GraphMailboxError
  ) {
    return after(REFUSED_MS, true);
  }
  return undefined;
}
