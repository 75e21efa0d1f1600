import type { Clock } from '@ms1/runtime';
import { errors, type JWTPayload, jwtVerify } from 'jose';

import type { Caller } from '../caller.ts';
import { appRoleOf, subjectOf } from './app-role.ts';
import { type IdentityProvider, unreachable } from './identity-provider.ts';

export interface VerifyJwtOptions {
  provider: Pick<IdentityProvider, 'known'>;
  issuer: string;
  /** whom the token must be for: this API, and nobody else */
  audience: string;
  clock: Clock;
}

/** Clocks differ: seconds that a token may seem expired, or not valid yet. */
const TOLERANCE_SECONDS = 30;

/**
 * Verifies bearer JWTs of the identity provider: RS256 and nothing else, by the keys that the configured
 * issuer publishes (what a token says about where its key is, is not looked at), for our audience, in its
 * time, with a role of ours. An ID token, which tells a page who logged in, opens no API.
 */
export function createVerifyJwt(
  options: VerifyJwtOptions,
): (jwt: string) => Promise<Caller | null> {
  const { provider, issuer, audience, clock } = options;
  return async (jwt) => {
    const { keys } = await provider.known();
    let claims: JWTPayload;
    try {
      const verified = await jwtVerify(jwt, keys, {
        issuer,
        audience,
        algorithms: ['RS256'],
        requiredClaims: ['exp', 'sub'],
        clockTolerance: TOLERANCE_SECONDS,
        currentDate: new Date(clock.now()),
      });
      claims = verified.payload;
    } catch (error) {
      if (isRefusal(error)) return null;
      throw unreachable();
    }
    if (claims['nonce'] !== undefined) return null;
    const [role, subject] = [appRoleOf(claims), subjectOf(claims)];
    return { role, by: 'oidc', subject, cookie: false };
  };
}

/** Whether the token is at fault, and not the way to the keys. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    error.code !== 'ERR_JOSE_GENERIC' &&
    !(error instanceof errors.JWKSInvalid)
  );
}
