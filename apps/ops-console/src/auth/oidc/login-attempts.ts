import type { Clock } from '@ms1/runtime';
import { EncryptJWT, errors, jwtDecrypt } from 'jose';
import { z } from 'zod';

import type { ReadKeyRing } from '../key-ring.ts';

/** What must be remembered between leaving for the provider and coming back. */
const Attempt = z.object({
  verifier: z.string(),
  state: z.string(),
  nonce: z.string(),
  next: z.string(),
});
export type Attempt = z.infer<typeof Attempt>;

/** Long enough for a password, a second factor and a phone call. */
export const ATTEMPT_LIFETIME_SECONDS = 600;

const MANAGEMENT = 'dir';
const ENCRYPTION = 'A256GCM';

/**
 * Attempts to log in, kept in the browser that makes them: encrypted (JWE) under the key of the fleet, for
 * ten minutes. Nothing is stored here, and what another browser was led to can not be finished in this one.
 */
export class LoginAttempts {
  readonly #ring: ReadKeyRing;
  readonly #clock: Clock;

  constructor(ring: ReadKeyRing, clock: Clock) {
    this.#ring = ring;
    this.#clock = clock;
  }

  /** What the browser keeps. */
  async begin(attempt: Attempt): Promise<string> {
    const ring = await this.#ring();
    const key = ring.find(ring.newest, 'login attempt');
    if (!key) throw new TypeError('there is no key to encrypt an attempt with');
    return new EncryptJWT({ ...attempt })
      .setProtectedHeader({ alg: MANAGEMENT, enc: ENCRYPTION, kid: ring.newest })
      .setAudience(ring.storeId)
      .setExpirationTime(new Date(this.#clock.now() + ATTEMPT_LIFETIME_SECONDS * 1_000))
      .encrypt(key);
  }

  /** The attempt of which a browser brings this; null when there is none, or it is too old. */
  async read(kept: string | undefined): Promise<Attempt | null> {
    if (kept === undefined) return null;
    const ring = await this.#ring();
    const find = ({ kid }: { kid?: string }): Uint8Array => {
      const key = ring.find(kid, 'login attempt');
      if (!key) throw new errors.JWKSNoMatchingKey();
      return key;
    };
    try {
      const { payload } = await jwtDecrypt(kept, find, {
        keyManagementAlgorithms: [MANAGEMENT],
        contentEncryptionAlgorithms: [ENCRYPTION],
        audience: ring.storeId,
        requiredClaims: ['exp'],
        currentDate: new Date(this.#clock.now()),
      });
      return Attempt.safeParse(payload).data ?? null;
    } catch (error) {
      if (error instanceof errors.JOSEError) return null;
      throw error;
    }
  }
}
