import type { ScryptOptions } from 'node:crypto';
import type { Role } from '@ms1/console-api';
import type { Clock } from '@ms1/runtime';
import { Router } from 'express';
import type { ApiToken } from './api-tokens.ts';
import { type Authenticate, createAuthenticate } from './authenticate.ts';
import { Cookie } from './cookie.ts';
import { createKeyRing, type OwnKey } from './key-ring.ts';
import type { OnLogin } from './login-outcome.ts';
import { loginPage } from './login-page.ts';
import { loginRoutes } from './login-routes.ts';
import type { LoginStore } from './login-store.ts';
import type { LoginTries } from './login-tries.ts';
import { Logins } from './logins.ts';
import { IdentityProvider, type IdentityProviderOptions } from './oidc/identity-provider.ts';
import { LoginAttempts } from './oidc/login-attempts.ts';
import { oidcLoginRoutes } from './oidc/oidc-login-routes.ts';
import { createVerifyJwt } from './oidc/verify-jwt.ts';
import { PasswordCheck } from './password-check.ts';

/** Who may come in, and how. */
export interface Access {
  /** sign logins, the first one, or verify them; absent: the keys that the consoles share in Redis */
  loginKeys?: readonly OwnKey[] | undefined;
  tokens: readonly ApiToken[];
  /** absent: nobody logs in with one */
  password?: string | undefined;
  /** of comparing it; absent: what a real password deserves */
  passwordCost?: ScryptOptions;
  passwordRole: Role;
  /** the least role that sees subjects and addresses on the board; absent: nobody */
  piiRole?: Role | undefined;
  /** where browsers reach this console; with it and a client secret they may log in by the provider */
  publicUrl?: string | undefined;
  /** proxies before it that each add to X-Forwarded-For */
  trustedProxies: number;
  /** absent: there is no identity provider */
  oidc?: OidcAccess | undefined;
}

interface OidcAccess extends IdentityProviderOptions {
  /** whom bearer tokens must be for */
  audience: string;
}

export interface AccessOptions {
  store: Pick<LoginStore, 'keys' | 'end' | 'ended'>;
  tries: Pick<LoginTries, 'take' | 'succeeded'>;
  clock: Clock;
  onLogin?: OnLogin | undefined;
}

export interface AccessDoors {
  authenticate: Authenticate;
  /** the pages that lead to a login */
  logins: Router;
  /** shown to a person who came without one */
  loginPage: (next: string) => string;
}

/** The doors of the console, by what is configured. */
export function accessTo(access: Access, options: AccessOptions): AccessDoors {
  const { tokens, passwordRole, oidc, publicUrl, trustedProxies } = access;
  const { store, tries, clock, onLogin } = options;
  const password =
    access.password === undefined
      ? undefined
      : new PasswordCheck(access.password, access.passwordCost);
  const hasPassword = password !== undefined;
  const ring = createKeyRing(store, access.loginKeys);
  const logins = new Logins({ ring, store, password, passwordRole, clock });
  const cookie = new Cookie({ name: 'ms1_console', sameSite: 'Strict', publicUrl });
  const provider = oidc && new IdentityProvider(oidc);
  const offersOidc = oidc?.clientSecret !== undefined && publicUrl !== undefined;
  const doors = { cookie, logins, onLogin };
  const router = Router();
  router.use(
    loginRoutes({ ...doors, password, passwordRole, offersOidc, ring, tries, trustedProxies }),
  );
  if (provider && offersOidc) {
    const attempts = new LoginAttempts(ring, clock);
    router.use(oidcLoginRoutes({ ...doors, provider, attempts, publicUrl, password: hasPassword }));
  }
  return {
    authenticate: createAuthenticate({
      tokens,
      cookie,
      logins,
      ...(oidc && provider && { verifyJwt: createVerifyJwt({ ...oidc, provider, clock }) }),
    }),
    logins: router,
    loginPage: (next) => loginPage({ next, password: hasPassword, oidc: offersOidc }),
  };
}
