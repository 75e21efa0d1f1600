import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

/**
 * The id of something that is named by identifiers of somebody else's: 22 characters, always safe in
 * a key, and no address in it even when a mailbox was configured by one.
 */
export function hashedId(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest().subarray(0, 16).toString('base64url');
}
