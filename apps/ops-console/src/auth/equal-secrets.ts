import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Compares in a time that tells nothing of the secret. Digests, because timingSafeEqual throws on
 * different lengths, which would tell the length.
 */
export function equalSecrets(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
