import { randomBytes } from 'node:crypto';
import type { Role } from '@ms1/console-api';
import { senderAddress } from '@ms1/runtime';
import { type RequestHandler, type Response, Router, urlencoded } from 'express';

import type { Cookie } from './cookie.ts';
import type { ReadKeyRing } from './key-ring.ts';
import type { OnLogin } from './login-outcome.ts';
import { loginPage, logoutPage, safeNext } from './login-page.ts';
import type { LoginTries } from './login-tries.ts';
import { LOGIN_LIFETIME_MS, type Logins } from './logins.ts';
import { networkOf } from './network-of.ts';
import type { PasswordCheck } from './password-check.ts';
import { isSameOrigin } from './same-origin.ts';

export interface LoginOptions {
  /** absent: only the identity provider lets anybody in */
  password?: PasswordCheck | undefined;
  /** of whoever knows the password */
  passwordRole: Role;
  /** the page offers the identity provider */
  offersOidc: boolean;
  cookie: Cookie;
  logins: Pick<Logins, 'begin' | 'end'>;
  ring: ReadKeyRing;
  tries: Pick<LoginTries, 'take' | 'succeeded'>;
  /** proxies before the console that each add to X-Forwarded-For */
  trustedProxies: number;
  /** called after each try */
  onLogin?: OnLogin | undefined;
}

/** `/login` and `/logout`: the only pages without a login. */
export function loginRoutes(options: LoginOptions): Router {
  const { password, passwordRole, offersOidc, cookie, logins, ring, tries, onLogin } = options;
  const { trustedProxies } = options;
  const router = Router();
  const page = (next: string, error?: string): string =>
    loginPage({ next, error, password: password !== undefined, oidc: offersOidc });
  const refuse = (res: Response, status: number, text: string): void => {
    res.status(status).type('html').send(text);
  };

  router.get('/login', (req, res) => {
    res.type('html').send(page(safeNext(req.query['next'])));
  });

  const form = urlencoded({ extended: false, limit: '4kb' });
  router.post('/login', sameSite, form, async (req, res) => {
    const { next: to, password: given } = (req.body ?? {}) as Record<string, unknown>;
    const next = safeNext(to);
    const network = networkOf(senderAddress(req, trustedProxies));
    // Counted before it is looked at: any number of tries at once are not one more than allowed.
    const refused = await tries.take(network);
    if (refused) {
      const strangeProxy = trustedProxies === 0 && req.get('X-Forwarded-For') !== undefined;
      const told = { again: !refused.first, strangeProxy };
      onLogin?.({ outcome: `limited_${refused.limit}`, by: 'password', ...told });
      const waitSeconds = Math.ceil(refused.waitMs / 1_000);
      res.set('Retry-After', String(waitSeconds));
      refuse(res, 429, page(next, `Too many tries. Wait ${waitSeconds} seconds.`));
      return;
    }
    const { storeId } = await ring();
    if (typeof given !== 'string' || !(await password?.matches(given, storeId))) {
      onLogin?.({ outcome: 'wrong', by: 'password' });
      refuse(res, 401, page(next, 'Wrong password.'));
      return;
    }
    await tries.succeeded(network);
    // Everybody knows the same password: the log can tell logins apart, not people.
    const subject = `login-${randomBytes(6).toString('base64url')}`;
    const login = await logins.begin({ by: 'password', subject, role: passwordRole });
    onLogin?.({ outcome: 'ok', by: 'password' });
    res.set('Set-Cookie', cookie.set(req, login, LOGIN_LIFETIME_MS / 1_000)).redirect(303, next);
  });

  // A link may lead here but only the form logs out: a GET changes nothing.
  router.get('/logout', (_req, res) => {
    res.type('html').send(logoutPage());
  });

  router.post('/logout', sameSite, async (req, res) => {
    try {
      for (const login of cookie.read(req)) await logins.end(login);
    } catch {
      // The cookie stays, so that the logout can be made again: without it nobody could end its copies.
      onLogin?.({ outcome: 'logout_failed', by: 'cookie' });
      res.set('Retry-After', '5');
      refuse(res, 503, logoutPage('You are still logged in: Redis does not answer. Try again.'));
      return;
    }
    onLogin?.({ outcome: 'logout', by: 'cookie' });
    res.set('Set-Cookie', cookie.clear(req)).redirect(303, '/login');
  });

  return router;
}

/** Refuses a form that another site sent. */
const sameSite: RequestHandler = (req, res, next) => {
  if (isSameOrigin(req)) {
    next();
    return;
  }
  res
    .status(403)
    .type('application/problem+json')
    .send({ title: 'Sent by another site', status: 403 });
};
