import {
  Ms4AuthError,
  Ms4ProtocolError,
  Ms4ThrottledError,
  Ms4UnavailableError,
} from '@ms1/ms4-client';
import { BreakerOpenError } from '@ms1/resilience';

import { RequestHeldError } from './request-held-error.ts';

/** A Retry-After of 0 would spin. */
const PAUSE_MS_MIN = 250;
/** The gate says how long it stays shut when it is asked; until then. */
const UNAVAILABLE_PAUSE_MS = 1_000;
/** Somebody has to change the configuration, or the permissions in MS4. */
const AUTH_PAUSE_MS = 30_000;

/** For how long nobody is to send; null when the error is not about MS4 as a whole. */
export function pauseFor(error: unknown): { ms: number; cause: Error } | null {
  if (error instanceof BreakerOpenError) return { ms: Math.ceil(error.openForMs), cause: error };
  if (error instanceof RequestHeldError) {
    return { ms: Math.ceil(Math.max(error.retryInMs, PAUSE_MS_MIN)), cause: error };
  }
  if (error instanceof Ms4ThrottledError) {
    return { ms: Math.max(error.retryAfterMs, PAUSE_MS_MIN), cause: error };
  }
  if (error instanceof Ms4AuthError) return { ms: AUTH_PAUSE_MS, cause: error };
  if (error instanceof Ms4UnavailableError || error instanceof Ms4ProtocolError) {
    return { ms: UNAVAILABLE_PAUSE_MS, cause: error };
  }
  return null;
}
