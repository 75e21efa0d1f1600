import { createHmac } from 'node:crypto';
import type { Clock } from '@ms1/runtime';
import { z } from 'zod';

import { type Caller, ROLES } from './caller.ts';
import { equalSecrets } from './equal-secrets.ts';

const NAME = 'ms1_console';

/** A working day: long enough not to log in twice, short enough for a browser left open. */
const LIFETIME_MS = 8 * 3_600_000;

const Login = z.object({
  by: z.enum(['oidc', 'password']),
  subject: z.string(),
  role: z.enum(ROLES),
  /** ms since the epoch */
  expires: z.number(),
});

/**
 * The proof of a login: who, with which role and until when, and an HMAC over that. Nothing is stored, so
 * any process of the console knows it; the key is made from the console's secrets, so a new one of them
 * ends every login.
 */
export class SessionCookie {
  readonly #key: Buffer;
  readonly #clock: Clock;

  constructor(secret: string, clock: Clock) {
    this.#key = createHmac('sha256', secret).update('ms1 console cookie v2').digest();
    this.#clock = clock;
  }

  /** The Set-Cookie header of a fresh login. `secure` where the browser came by https. */
  issue({ by, subject, role }: Omit<Caller, 'cookie'>, secure: boolean): string {
    const login = { by, subject, role, expires: this.#clock.now() + LIFETIME_MS };
    const text = Buffer.from(JSON.stringify(login)).toString('base64url');
    return attributes(`${text}.${this.#sign(text)}`, LIFETIME_MS / 1_000, secure);
  }

  /** The Set-Cookie header that ends a login. */
  clear(secure: boolean): string {
    return attributes('', 0, secure);
  }

  /** Whose login, if this Cookie header carries one that holds. */
  verify(header: string | undefined): Caller | null {
    for (const pair of (header ?? '').split(';')) {
      const [name, value] = pair.trim().split('=');
      const caller = name === NAME && value !== undefined ? this.#read(value) : null;
      if (caller) return caller;
    }
    return null;
  }

  #read(value: string): Caller | null {
    const [text = '', signature = ''] = value.split('.');
    if (!equalSecrets(signature, this.#sign(text))) return null;
    const { expires, ...login } = Login.parse(
      JSON.parse(Buffer.from(text, 'base64url').toString()),
    );
    return expires > this.#clock.now() ? { ...login, cookie: true } : null;
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
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
