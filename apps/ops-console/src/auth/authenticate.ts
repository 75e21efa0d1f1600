import type { Request } from 'express';

import { equalSecrets } from './equal-secrets.ts';
import type { SessionCookie } from './session-cookie.ts';

/** What one may do, in order: a role may do what those before it may. */
export const ROLES = ['reader', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/**
 * Who calls the API. The token is an operator. A browser's login may only read: a write must carry
 * a header that no other site can make a browser send, and a cookie is not one.
 */
export function authenticate(
  req: Request,
  { token, cookie }: { token: string; cookie: SessionCookie },
): Role | null {
  const authorization = req.get('Authorization');
  if (authorization !== undefined) {
    const given = /^Bearer (.+)$/i.exec(authorization)?.[1] ?? '';
    return equalSecrets(given, token) ? 'operator' : null;
  }
  return cookie.verify(req.headers.cookie) ? 'reader' : null;
}

export function may(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
