import { parseRetryAfter } from '@ms1/resilience';

/** ms; below it a retry is an immediate retry, which Graph counts against us (docs/graph-contract.md#throttling) */
const RETRY_AFTER_MS_MIN = 1_000;
/** ms; a wrong clock or a wrong header must not park a mailbox for a day */
const RETRY_AFTER_MS_MAX = 900_000;

/**
 * ms to wait by a Retry-After header, held between 1 s and 15 min; null when there is none.
 *
 * @param now ms since the epoch
 */
export function retryAfterMs(value: string | null | undefined, now: number): number | null {
  const ms = parseRetryAfter(value, now);
  if (ms === undefined) return null;
  return Math.min(Math.max(ms, RETRY_AFTER_MS_MIN), RETRY_AFTER_MS_MAX);
}
