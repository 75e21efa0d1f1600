import type { Clock } from '@ms1/runtime';
import { Router } from 'express';

import type { ApiToken } from './api-tokens.ts';
import { type Authenticate, createAuthenticate } from './authenticate.ts';
import type { Role } from './caller.ts';
import { loginPage } from './login-page.ts';
import { type LoginOutcome, loginRoutes } from './login-routes.ts';
import { IdentityProvider, type IdentityProviderOptions } from './oidc/identity-provider.ts';
import { LoginAttempts } from './oidc/login-attempts.ts';
import { oidcLoginRoutes } from './oidc/oidc-login-routes.ts';
import { createVerifyJwt } from './oidc/verify-jwt.ts';
import { SessionCookie } from './session-cookie.ts';

/** Who may come in, and how. */
export interface Access {
  /** logins are signed with it: a new one ends them all */
  cookieSecret: string;
  tokens: readonly ApiToken[];
  /** absent: nobody logs in with one */
  password?: string | undefined;
  passwordRole: Role;
  /** the least role that sees subjects and addresses on the board; absent: nobody */
  piiRole?: Role | undefined;
  /** absent: there is no identity provider */
  oidc?: OidcAccess | undefined;
}

export interface OidcAccess extends IdentityProviderOptions {
  /** whom bearer tokens must be for */
  audience: string;
  /** where browsers reach this console; with it and a client secret they may log in by the provider */
  publicUrl?: string | undefined;
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
  { cookieSecret, tokens, password, passwordRole, oidc }: Access,
  { clock, onLogin }: { clock: Clock; onLogin?: ((outcome: LoginOutcome) => void) | undefined },
): AccessDoors {
  const cookie = new SessionCookie(cookieSecret, clock);
  const provider = oidc && new IdentityProvider(oidc);
  const publicUrl = oidc?.clientSecret === undefined ? undefined : oidc.publicUrl;
  const offersOidc = publicUrl !== undefined;
  const hasPassword = password !== undefined;
  const logins = Router();
  logins.use(loginRoutes({ password, passwordRole, offersOidc, cookie, clock, onLogin }));
  if (provider && publicUrl !== undefined) {
    const attempts = new LoginAttempts(cookieSecret);
    const more = { provider, attempts, cookie, publicUrl, password: hasPassword, onLogin };
    logins.use(oidcLoginRoutes(more));
  }
  return {
    authenticate: createAuthenticate({
      tokens,
      cookie,
      ...(oidc && provider && { verifyJwt: createVerifyJwt({ ...oidc, provider, clock }) }),
    }),
    logins,
    loginPage: (next) => loginPage({ next, password: hasPassword, oidc: offersOidc }),
  };
}
