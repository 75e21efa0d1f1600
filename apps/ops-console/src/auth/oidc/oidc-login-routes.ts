import { type Response, Router } from 'express';
import * as client from 'openid-client';

import { ApiProblem } from '../../api/api-problem.ts';
import { Cookie } from '../cookie.ts';
import type { OnLogin } from '../login-outcome.ts';
import { leadOnPage, loginPage, safeNext } from '../login-page.ts';
import { LOGIN_LIFETIME_MS, type Logins } from '../logins.ts';
import { appRoleOf, subjectOf } from './app-role.ts';
import { type IdentityProvider, unreachable } from './identity-provider.ts';
import { ATTEMPT_LIFETIME_SECONDS, type LoginAttempts } from './login-attempts.ts';

const LOGIN_PATH = '/login/oidc';

export interface OidcLoginOptions {
  provider: Pick<IdentityProvider, 'known'>;
  attempts: LoginAttempts;
  cookie: Cookie;
  logins: Pick<Logins, 'begin'>;
  /** where browsers reach this console: the redirect URI of the app registration is below it */
  publicUrl: string;
  /** the login page offers a password too */
  password: boolean;
  onLogin?: OnLogin | undefined;
}

/** Login in the browser by authorization code flow with PKCE: `/login/oidc` leads to the provider and `/login/oidc/callback` back. */
export function oidcLoginRoutes(options: OidcLoginOptions): Router {
  const { provider, attempts, cookie, logins, publicUrl, password, onLogin } = options;
  // Lax, because the way back begins on the provider's site.
  const kept = new Cookie({ name: 'ms1_login', sameSite: 'Lax', publicUrl });
  const redirectUri = new URL(`${LOGIN_PATH}/callback`, publicUrl).href;
  const router = Router();

  const refuse = (res: Response, status: number, error: string): void => {
    onLogin?.({ outcome: 'wrong', by: 'oidc' });
    const page = loginPage({ next: safeNext(undefined), error, password, oidc: true });
    res.status(status).type('html').send(page);
  };

  router.get(LOGIN_PATH, async (req, res) => {
    const { configuration } = await provider.known();
    const attempt = {
      verifier: client.randomPKCECodeVerifier(),
      state: client.randomState(),
      nonce: client.randomNonce(),
      next: safeNext(req.query['next']),
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid',
      code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
      state: attempt.state,
      nonce: attempt.nonce,
    });
    const begun = kept.set(req, await attempts.begin(attempt), ATTEMPT_LIFETIME_SECONDS);
    res.set('Set-Cookie', begun).redirect(303, url.href);
  });

  router.get(`${LOGIN_PATH}/callback`, async (req, res) => {
    const attempt = await attempts.read(kept.read(req)[0]);
    // It is good for once.
    res.append('Set-Cookie', kept.clear(req));
    if (!attempt) {
      refuse(res, 400, 'That login was not begun here, or took too long. Try again.');
      return;
    }
    const { configuration } = await provider.known();
    let claims: Record<string, unknown> | undefined;
    try {
      const tokens = await client.authorizationCodeGrant(
        configuration,
        new URL(req.originalUrl, publicUrl),
        {
          pkceCodeVerifier: attempt.verifier,
          expectedState: attempt.state,
          expectedNonce: attempt.nonce,
          idTokenExpected: true,
        },
      );
      claims = tokens.claims();
    } catch (error) {
      // No answer at all is nobody's wrong login.
      if (error instanceof TypeError && !('code' in error)) throw unreachable();
      refuse(res, 401, 'The identity provider did not log you in. Try again.');
      return;
    }
    try {
      const who = { subject: subjectOf(claims ?? {}), role: appRoleOf(claims ?? {}) };
      const login = await logins.begin({ ...who, by: 'oidc' });
      res.append('Set-Cookie', cookie.set(req, login, LOGIN_LIFETIME_MS / 1_000));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      refuse(res, error.problem.status, error.problem.title);
      return;
    }
    onLogin?.({ outcome: 'ok', by: 'oidc' });
    res.type('html').send(leadOnPage(attempt.next));
  });

  return router;
}
