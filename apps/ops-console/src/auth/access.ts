import type { Clock } from '@ms1/runtime';
import type { Router } from 'express';

import type { ApiToken } from './api-tokens.ts';
import { type Authenticate, createAuthenticate } from './authenticate.ts';
import type { Role } from './caller.ts';
import { loginPage } from './login-page.ts';
import { type LoginOutcome, loginRoutes } from './login-routes.ts';
import { SessionCookie } from './session-cookie.ts';

/** Who may come in, and how. */
export interface Access {
  /** logins are signed with it: a new one ends them all */
  cookieSecret: string;
  tokens: readonly ApiToken[];
  password?: string | undefined;
  passwordRole: Role;
}

export interface AccessDoors {
  authenticate: Authenticate;
  /** the pages that lead to a login */
  logins: Router;
  /** shown to a person who came without one */
  loginPage: (next: string) => string;
}

/** The doors of the console, by what is configured. */
export function accessTo(
  { cookieSecret, tokens, password, passwordRole }: Access,
  { clock, onLogin }: { clock: Clock; onLogin?: ((outcome: LoginOutcome) => void) | undefined },
): AccessDoors {
  const cookie = new SessionCookie(cookieSecret, clock);
  const offersOidc = false;
  return {
    authenticate: createAuthenticate({ tokens, cookie }),
    logins: loginRoutes({ password, passwordRole, offersOidc, cookie, clock, onLogin }),
    loginPage: (next) => loginPage({ next, password: password !== undefined, oidc: offersOidc }),
  };
}
