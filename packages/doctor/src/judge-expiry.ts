import type { Finding } from './check.ts';

export interface ExpiryBounds {
  /** days before the end from which it is a warning, and a failure */
  warnDays: number;
  failDays: number;
}

const DAY_MS = 86_400_000;

/** A secret or a certificate of an authority: made by people, who need notice. */
export const BY_HAND: ExpiryBounds = { warnDays: 30, failDays: 7 };
/** The certificate of a server: renewed by machines, usually with 30 days left; 21 says that it did not happen. */
export const BY_MACHINE: ExpiryBounds = { warnDays: 21, failDays: 3 };

/**
 * @param what what ends, as the beginning of a sentence
 * @param expiresAt ms since the epoch
 */
export function judgeExpiry(
  what: string,
  expiresAt: number,
  now: number,
  { warnDays, failDays }: ExpiryBounds,
): Pick<Finding, 'status' | 'seen'> {
  const days = Math.floor((expiresAt - now) / DAY_MS);
  const on = new Date(expiresAt).toISOString().slice(0, 10);
  if (days < 0) return { status: 'fail', seen: `${what} expired on ${on}` };
  const seen = `${what} expires in ${days} ${days === 1 ? 'day' : 'days'}, on ${on}`;
  if (days <= failDays) return { status: 'fail', seen };
  return { status: days <= warnDays ? 'warn' : 'ok', seen };
}
