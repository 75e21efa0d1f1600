import type { Request } from 'express';

import { type ApiToken, findToken } from './api-tokens.ts';
import type { Caller } from './caller.ts';
import type { Cookie } from './cookie.ts';
import type { Logins } from './logins.ts';

export interface AuthenticateOptions {
  tokens: readonly ApiToken[];
  cookie: Pick<Cookie, 'read'>;
  logins: Pick<Logins, 'verify'>;
  /** verifies a JWT of the identity provider; null when it is none that holds. Absent: no provider is configured */
  verifyJwt?: ((jwt: string) => Promise<Caller | null>) | undefined;
}

/** Who sends a request; null: nobody that can prove it. */
export type Authenticate = (req: Request) => Promise<Caller | null>;

/** Three parts of base64url: what no token of ours is mistaken for, since both are tried. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * By the Authorization header where there is one, else by the cookie of a login. A header that does not
 * hold is never saved by a cookie.
 */
export function createAuthenticate({
  tokens,
  cookie,
  logins,
  verifyJwt,
}: AuthenticateOptions): Authenticate {
  return async (req) => {
    const authorization = req.get('Authorization');
    if (authorization === undefined) return loggedIn(cookie.read(req), logins);
    const given = /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? '';
    const token = findToken(tokens, given);
    if (token) return { role: token.role, by: 'token', subject: token.name, cookie: false };
    return verifyJwt && JWT.test(given) ? verifyJwt(given) : null;
  };
}

/** Whoever could set a cookie beside ours takes nobody's login away by it. */
async function loggedIn(
  values: readonly string[],
  logins: Pick<Logins, 'verify'>,
): Promise<Caller | null> {
  for (const value of values) {
    const caller = await logins.verify(value);
    if (caller) return caller;
  }
  return null;
}
