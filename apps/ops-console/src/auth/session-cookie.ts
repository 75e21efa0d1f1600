import { createHmac } from 'node:crypto';
import type { Clock } from '@ms1/runtime';

import { equalSecrets } from './equal-secrets.ts';

const NAME = 'ms1_console';

/** A working day: long enough not to log in twice, short enough for a browser left open. */
const LIFETIME_MS = 8 * 3_600_000;

/**
 * The proof of a login: when it ends, and an HMAC over that. Nothing is stored, so any process of the
 * console knows it; the key is made from the password, so a new password ends every login.
 */
export class SessionCookie {
  readonly #key: Buffer;
  readonly #clock: Clock;

  constructor(password: string, clock: Clock) {
    this.#key = createHmac('sha256', password).update('ms1 console cookie v1').digest();
    this.#clock = clock;
  }

  /** The Set-Cookie header of a fresh login. `secure` where the browser came by https. */
  issue(secure: boolean): string {
    const expires = String(this.#clock.now() + LIFETIME_MS);
    return attributes(`${expires}.${this.#sign(expires)}`, LIFETIME_MS / 1_000, secure);
  }

  /** The Set-Cookie header that ends a login. */
  clear(secure: boolean): string {
    return attributes('', 0, secure);
  }

  /** Does this Cookie header carry a login that holds? */
  verify(header: string | undefined): boolean {
    for (const pair of (header ?? '').split(';')) {
      const [name, value] = pair.trim().split('=');
      if (name === NAME && value !== undefined && this.#holds(value)) return true;
    }
    return false;
  }

  #holds(value: string): boolean {
    const [expires = '', signature = ''] = value.split('.');
    if (!equalSecrets(signature, this.#sign(expires))) return false;
    return Number(expires) > this.#clock.now();
  }

  #sign(expires: string): string {
    return createHmac('sha256', this.#key).update(expires).digest('base64url');
  }
}

function attributes(value: string, maxAgeSeconds: number, secure: boolean): string {
  const parts = [
    `${NAME}=${value}`,
    'Path=/',
    `Max-Age=${maxAgeSeconds}`,
    'HttpOnly',
    'SameSite=Strict',
  ];
  if (secure) parts.push('Secure');
  return parts.join('; ');
}
