import type { LedgerEntry } from '@ms1/contracts';

/** What a ledger would know of a message of which only `fields` matter. */
export function aLedgerEntry(fields: Partial<LedgerEntry>): LedgerEntry {
  return {
    state: 'queued',
    sessionId: null,
    at: 0,
    source: null,
    reason: null,
    receipt: null,
    receivedAt: null,
    queuedAt: null,
    preparedAt: null,
    ...fields,
  };
}
