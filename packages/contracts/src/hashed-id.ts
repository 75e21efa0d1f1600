import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

/**
 * Hashes somebody else's identifiers to an id of 22 characters. It is safe in any key, and shows no address even when a
 * mailbox was configured by one.
 */
export function hashedId(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest().subarray(0, 16).toString('base64url');
}
