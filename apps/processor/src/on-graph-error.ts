import {
  GraphAuthError,
  type GraphError,
  GraphForbiddenError,
  GraphItemNotFoundError,
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
  /** again with backoff, counted */
  | { kind: 'retry' }
  | { kind: 'skip'; reason: string }
  | { kind: 'dead'; reason: string };

export interface Circumstances {
  /** ms since Graph refused this message in this way for the first time; 0 the first time */
  refusedForMs: number;
  /** [0, 1): spreads what was snoozed together */
  random: number;
}

/**
 * A message may not be readable yet when it is announced (docs/graph-contract.md#errors), and replicas are behind for a
 * minute or so. Looked at after 2, 4, 8 ... 128 s, which is the eighth look.
 */
const GONE_AFTER_MS = 120_000;
/** As long as it has been refused, and not less: a message that is there after seconds is late by seconds. */
const REFUSED_MS_MIN = 2_000;
const THROTTLED_MS_DEFAULT = 5_000;
/** A mailbox moves for minutes to hours; how long it is left alone each time is the hold's to say, which grows. */
const UNAVAILABLE_MS = 5_000;
const UNREACHABLE_MS = 5_000;
/**
 * Policies take 30 minutes to 2 hours to apply, and mailboxes flip between missing and there
 * (docs/graph-contract.md#permissions).
 */
const FORBIDDEN_MS_MAX = 600_000;
/** Then somebody should look: a dead letter can be replayed once the permission is there. */
const FORBIDDEN_FOR_MS_MAX = 24 * 3_600_000;
const AUTH_MS = 30_000;
const UNLISTED_MS = 1_000;

/**
 * The refusals that one answer does not prove, because they pass: that the message is not there, that it may not be
 * read, or that our request is wrong, which gateways say too. Null for all others, where it does not matter since when.
 */
export function doubtOf(error: GraphError): 'gone' | 'refused' | 'wrong' | null {
  if (error instanceof GraphRequestError) return 'wrong';
  // What Graph says of a message's attachments is no word about the message, which was read.
  if (error instanceof GraphItemNotFoundError && error.asked !== 'attachments') return 'gone';
  return error instanceof GraphForbiddenError ||
    error instanceof GraphMailboxError ||
    // Without Graph's code for a message that is gone: a gateway's, or of a kind nobody has seen yet.
    error instanceof GraphNotFoundError
    ? 'refused'
    : null;
}

/**
 * The end that each of Graph's errors gives a message (docs/graph-contract.md#errors). Decided by class, never by text.
 */
export function onGraphError(error: GraphError, { refusedForMs, random }: Circumstances): Refusal {
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
  const again = (most: number): Refusal =>
    snooze(Math.min(Math.max(refusedForMs, REFUSED_MS_MIN), most));
  const doubt = doubtOf(error);
  if (doubt === 'gone' || doubt === 'wrong') {
    if (refusedForMs < GONE_AFTER_MS) return again(GONE_AFTER_MS);
    return doubt === 'gone'
      ? { kind: 'skip', reason: 'source_deleted' }
      : { kind: 'dead', reason: error.code };
  }
  if (doubt === 'refused') {
    return refusedForMs < FORBIDDEN_FOR_MS_MAX
      ? again(FORBIDDEN_MS_MAX)
      : { kind: 'dead', reason: error.code };
  }
  return { kind: 'retry' };
}
