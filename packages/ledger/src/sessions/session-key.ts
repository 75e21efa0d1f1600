import { storeKey } from '@ms1/redis';

/** A session: the session store's, and the ledger asks it whether the session goes on. */
export function sessionKey(prefix: string, sessionId: string): string {
  return storeKey(prefix, 'session', 'record', sessionId);
}

/** The counters of a session, which the ledger writes and the session store reads. */
export function sessionCountsKey(prefix: string, sessionId: string): string {
  return storeKey(prefix, 'session', 'counts', sessionId);
}
