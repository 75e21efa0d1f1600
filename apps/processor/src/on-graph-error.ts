import {
  GraphAuthError,
  type GraphError,
  GraphForbiddenError,
  GraphMailboxError,
  GraphNotFoundError,
  GraphRequestError,
  GraphThrottledError,
  GraphTransientError,
  GraphUnavailableError,
  GraphUnlistedError,
} from '@ms1/graph-client';

/** What becomes of a message that Graph did not give us. */
export type Refusal =
  /** later, not counted as an attempt */
  | { kind: 'snooze'; ms: number }
  /** again with backoff (or after `ms`), counted */
  | { kind: 'retry'; ms?: number }
  | { kind: 'skip'; reason: string }
  | { kind: 'dead'; reason: string };

export interface Circumstances {
  attemptsMade: number;
  /** ms since the message was noticed */
  ageMs: number;
  /** [0, 1): spreads what was snoozed together */
  random: number;
}

/** A message may not be readable yet when it is announced (Graph contract 8): believed gone at the third 404. */
const NOT_FOUND_ATTEMPTS = 2;
const NOT_FOUND_DELAY_MS = 2_000;
const THROTTLED_MS_DEFAULT = 5_000;
/** A mailbox moves for minutes to hours; how long it is left alone each time is the hold's to say, which grows. */
const UNAVAILABLE_MS = 5_000;
const UNREACHABLE_MS = 5_000;
/** Policies take 30 minutes to 2 hours to apply, and mailboxes flip between missing and there (contract 8). */
const FORBIDDEN_MS = 600_000;
/** Then somebody should look: a dead letter can be replayed once the permission is there. */
const FORBIDDEN_AGE_MS_MAX = 24 * 3_600_000;
const AUTH_MS = 30_000;
const UNLISTED_MS = 1_000;

/** The end that each of Graph's errors gives a message (Graph contract 8). Decided by class, never by text. */
export function onGraphError(
  error: GraphError,
  { attemptsMade, ageMs, random }: Circumstances,
): Refusal {
  const snooze = (ms: number): Refusal => ({
    kind: 'snooze',
    ms: Math.ceil(ms * (1 + random / 4)),
  });
  const wanted = error.retryAfterMs;

  if (error instanceof GraphThrottledError) return snooze(wanted ?? THROTTLED_MS_DEFAULT);
  if (error instanceof GraphUnavailableError) return snooze(wanted ?? UNAVAILABLE_MS);
  if (error instanceof GraphTransientError) {
    // No answer at all is the way to Graph, not this message: a broken line must burn no attempt.
    return error.status === null ? snooze(wanted ?? UNREACHABLE_MS) : { kind: 'retry' };
  }
  // Removed in the middle: the next look sees that and skips it.
  if (error instanceof GraphUnlistedError) return snooze(UNLISTED_MS);
  // Of its tenant alone: the client tells for how long nobody calls, and other tenants' mail goes on.
  if (error instanceof GraphAuthError) return snooze(wanted ?? AUTH_MS);
  if (error instanceof GraphNotFoundError) {
    return attemptsMade < NOT_FOUND_ATTEMPTS
      ? { kind: 'retry', ms: NOT_FOUND_DELAY_MS }
      : { kind: 'skip', reason: 'source_deleted' };
  }
  if (error instanceof GraphForbiddenError || error instanceof GraphMailboxError) {
    return ageMs < FORBIDDEN_AGE_MS_MAX
      ? snooze(FORBIDDEN_MS)
      : { kind: 'dead', reason: error.code };
  }
  if (error instanceof GraphRequestError) return { kind: 'dead', reason: error.code };
  return { kind: 'retry' };
}
