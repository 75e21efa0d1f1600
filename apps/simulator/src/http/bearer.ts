import { hash, timingSafeEqual } from 'node:crypto';

import type { Call } from './call.ts';

/** The token of an `Authorization: Bearer` header, if there is one. */
export function bearerOf(call: Call): string | undefined {
  return /^Bearer +(\S+)$/i.exec(call.headers.authorization ?? '')?.[1];
}

/** Compares digests, so that lengths may differ and time says nothing. */
export function sameSecret(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false;
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
