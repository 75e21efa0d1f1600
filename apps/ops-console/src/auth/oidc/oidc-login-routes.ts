import { type Response, Router } from 'express';
import * as client from 'openid-client';

import { ApiProblem } from '../../api/api-problem.ts';
import { leadOnPage, loginPage, safeNext } from '../login-page.ts';
import type { LoginOutcome } from '../login-routes.ts';
import type { SessionCookie } from '../session-cookie.ts';
import { appRoleOf, subjectOf } from './app-role.ts';
import { type IdentityProvider, unreachable } from './identity-provider.ts';
import { LOGIN_PATH, type LoginAttempts } from './login-attempts.ts';

export interface OidcLoginOptions {
  provider: Pick<IdentityProvider, 'known'>;
  attempts: LoginAttempts;
  cookie: SessionCookie;
  /** where browsers reach this console: the redirect URI of the app registration is below it */
  publicUrl: string;
  /** the login page offers a password too */
  password: boolean;
  onLogin?: ((outcome: LoginOutcome) => void) | undefined;
}

/** Login in the browser by authorization code flow with PKCE: `/login/oidc` leads to the provider and `/login/oidc/callback` back. */
export function oidcLoginRoutes(options: OidcLoginOptions): Router {
  const { provider, attempts, cookie, publicUrl, password, onLogin } = options;
  const redirectUri = new URL(`${LOGIN_PATH}/callback`, publicUrl).href;
  const router = Router();

  const refuse = (res: Response, status: number, error: string): void => {
    onLogin?.('wrong');
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
    res.set('Set-Cookie', await attempts.begin(attempt, req.secure)).redirect(303, url.href);
  });

  router.get(`${LOGIN_PATH}/callback`, async (req, res) => {
    const attempt = await attempts.read(req.headers.cookie);
    res.append('Set-Cookie', attempts.end(req.secure));
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
      const login = { by: 'oidc', subject: subjectOf(claims ?? {}), role: appRoleOf(claims ?? {}) };
      res.append('Set-Cookie', cookie.issue({ ...login, by: 'oidc' }, req.secure));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      refuse(res, error.problem.status, error.problem.title);
      return;
    }
    onLogin?.('ok');
    res.type('html').send(leadOnPage(attempt.next));
  });

  return router;
}
