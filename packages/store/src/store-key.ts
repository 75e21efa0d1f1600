import { createHash } from 'node:crypto';

/**
 * Every Redis key of this package: `<prefix>:<owner>:<thing>[:<id>]`. The prefix carries the Cluster
 * hash tag (`{ms1}`), so all keys share one slot and one script may touch several.
 */
export function storeKey(prefix: string, owner: string, thing: string, id?: string): string {
  return id === undefined ? `${prefix}:${owner}:${thing}` : `${prefix}:${owner}:${thing}:${id}`;
}

/** A session: the session store's, and the ledger asks it whether the session goes on. */
export function sessionKey(prefix: string, sessionId: string): string {
  return storeKey(prefix, 'session', 'record', sessionId);
}

/** The counters of a session, which the ledger writes and the session store reads. */
export function sessionCountsKey(prefix: string, sessionId: string): string {
  return storeKey(prefix, 'session', 'counts', sessionId);
}

/**
 * The id of something that is named by identifiers of somebody else's: 22 characters, always safe in
 * a key, and no address in it even when a mailbox was configured by one.
 */
export function hashedId(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest().subarray(0, 16).toString('base64url');
}
