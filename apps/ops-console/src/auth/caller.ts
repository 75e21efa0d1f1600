import { ROLES, type Role } from '@ms1/console-api';

/** Whoever calls the console, as far as it was proved. */
export interface Caller {
  role: Role;
  /** what proved it */
  by: 'token' | 'oidc' | 'password';
  /** the token's name, the OIDC subject, or the random id of a login by password, which nobody's name is tied to */
  subject: string;
  /** its browser sent it along by itself: a write must show that our own page asked for it */
  cookie: boolean;
  /** of a login in a browser: by it the login can be ended */
  loginId?: string;
}

export function may(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
