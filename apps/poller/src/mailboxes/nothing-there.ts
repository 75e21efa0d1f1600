import type { AuditResult } from '@ms1/contracts';

/** What an audit says of a folder that may not be read any more: it was looked for, and nothing was listed. */
export function nothingThere(at: number, from: string | null, to: string | null): AuditResult {
  const counts = { delivered: 0, skipped: 0, dead: 0, inFlight: 0, unexplained: 0 };
  return {
    at: new Date(at).toISOString(),
    from,
    to,
    listed: 0,
    counts,
    reasons: {},
    repaired: 0,
    witnesses: [],
  };
}
