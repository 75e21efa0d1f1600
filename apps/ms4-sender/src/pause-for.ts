import {
  Ms4AuthError,
  Ms4ProtocolError,
  Ms4ThrottledError,
  Ms4UnavailableError,
} from '@ms1/ms4-client';

/** No request was made: the gate in front of MS4 is shut for everybody. Not a failure of the work. */
export class RequestHeldError extends Error {
  readonly code = 'request_held';
  /** ms until it is worth asking again */
  readonly retryInMs: number;

  /** because the service is unwell, and not because of a rate */
  readonly isUnwell: boolean;

  /** @param reason the gate's word for it, e.g. `open` */
  constructor(reason: string, retryInMs: number, options?: ErrorOptions) {
    super(`no request to MS4 for ${Math.ceil(retryInMs)} ms: ${reason}`, options);
    this.name = 'RequestHeldError';
    this.isUnwell = reason === 'open' || reason === 'probing';
    this.retryInMs = retryInMs;
  }
}

/** A Retry-After of 0 would spin. */
const PAUSE_MS_MIN = 250;
/** What MS4's breaker waits for at the least, in the eyes of the queue: a probe's answer takes about as long. */
const UNAVAILABLE_PAUSE_MS_MIN = 1_000;
/** Somebody has to change the configuration, or the permissions in MS4. */
const AUTH_PAUSE_MS = 30_000;

/**
 * For how long nobody is to send; null when the error is not about MS4 as a whole.
 *
 * @param openForMs of MS4's breaker, by the gate
 */
export function pauseFor(error: unknown, openForMs: number): { ms: number; cause: Error } | null {
  if (error instanceof RequestHeldError) {
    return { ms: Math.ceil(Math.max(error.retryInMs, PAUSE_MS_MIN)), cause: error };
  }
  if (error instanceof Ms4ThrottledError) {
    return { ms: Math.max(error.retryAfterMs, PAUSE_MS_MIN), cause: error };
  }
  if (error instanceof Ms4AuthError) return { ms: AUTH_PAUSE_MS, cause: error };
  if (error instanceof Ms4UnavailableError || error instanceof Ms4ProtocolError) {
    return { ms: Math.max(openForMs, UNAVAILABLE_PAUSE_MS_MIN), cause: error };
  }
  return null;
}
