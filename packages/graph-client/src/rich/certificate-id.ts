import { createHash, type KeyObject } from 'node:crypto';

/**
 * The id under which Graph names the key that a notification was encrypted for: SHA-256 of the public
 * key (SPKI, DER) as base64url, 43 characters of the 128 there may be (docs/graph-contract.md#subscription-limits).
 * Derived and not configured, so that whoever encrypts and whoever decrypts cannot disagree about it.
 */
export function certificateIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}
