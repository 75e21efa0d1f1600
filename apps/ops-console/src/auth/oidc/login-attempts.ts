import { createHmac } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import { z } from 'zod';

/** What must be remembered between leaving for the provider and coming back. */
const Attempt = z.object({
  verifier: z.string(),
  state: z.string(),
  nonce: z.string(),
  next: z.string(),
});
export type Attempt = z.infer<typeof Attempt>;

const NAME = 'ms1_login';
export const LOGIN_PATH = '/login/oidc';
/** Long enough for a password, a second factor and a phone call. */
const LIFETIME_SECONDS = 600;

/**
 * Attempts to log in, kept in the browser that makes them: encrypted, for ten minutes. Nothing is stored
 * here, and what another browser was led to can not be finished in this one.
 */
export class LoginAttempts {
  readonly #key: Uint8Array;

  constructor(secret: string) {
    this.#key = createHmac('sha256', secret).update('ms1 console login attempt v1').digest();
  }

  /** The Set-Cookie header. Lax, because the way back begins on the provider's site. */
  async begin(attempt: Attempt, secure: boolean): Promise<string> {
    const jwt = await new EncryptJWT({ ...attempt })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setExpirationTime(`${LIFETIME_SECONDS}s`)
      .encrypt(this.#key);
    return attributes(jwt, LIFETIME_SECONDS, secure);
  }

  /** The attempt that this Cookie header carries; null when there is none, or it is too old. */
  async read(header: string | undefined): Promise<Attempt | null> {
    const pair = (header ?? '').split(';').find((one) => one.trim().startsWith(`${NAME}=`));
    if (pair === undefined) return null;
    try {
      const { payload } = await jwtDecrypt(pair.trim().slice(NAME.length + 1), this.#key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return Attempt.parse(payload);
    } catch {
      return null;
    }
  }

  /** The Set-Cookie header that ends it: an attempt is good for once. */
  end(secure: boolean): string {
    return attributes('', 0, secure);
  }
}

function attributes(value: string, maxAgeSeconds: number, secure: boolean): string {
  const parts = [
    `${NAME}=${value}`,
    `Path=${LOGIN_PATH}`,
    `Max-Age=${maxAgeSeconds}`,
    'HttpOnly',
    'SameSite=Lax',
  ];
  if (secure) parts.push('Secure');
  return parts.join('; ');
}
