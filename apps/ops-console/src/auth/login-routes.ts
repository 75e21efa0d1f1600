import { randomBytes } from 'node:crypto';
import type { Clock } from '@ms1/runtime';
import { type RequestHandler, Router, urlencoded } from 'express';

import type { Role } from './caller.ts';
import { equalSecrets } from './equal-secrets.ts';
import { LoginLimiter } from './login-limiter.ts';
import { loginPage, logoutPage, safeNext } from './login-page.ts';
import { isSameOrigin } from './same-origin.ts';
import type { SessionCookie } from './session-cookie.ts';

/** What came of a try to log in, for the log. */
export type LoginOutcome = 'ok' | 'wrong' | 'limited';

export interface LoginOptions {
  /** absent: only the identity provider lets anybody in */
  password?: string | undefined;
  /** of whoever knows the password */
  passwordRole: Role;
  /** the page offers the identity provider */
  offersOidc: boolean;
  cookie: SessionCookie;
  clock: Clock;
  /** called after each try */
  onLogin?: ((outcome: LoginOutcome) => void) | undefined;
}

/** `/login` and `/logout`: the only pages without a login. */
export function loginRoutes(options: LoginOptions): Router {
  const { password, passwordRole, offersOidc, cookie, clock, onLogin } = options;
  const limiter = new LoginLimiter(clock);
  const router = Router();
  const page = (next: string, error?: string): string =>
    loginPage({ next, error, password: password !== undefined, oidc: offersOidc });

  router.get('/login', (req, res) => {
    res.type('html').send(page(safeNext(req.query['next'])));
  });

  router.post('/login', sameSite, urlencoded({ extended: false, limit: '4kb' }), (req, res) => {
    const form = (req.body ?? {}) as Record<string, unknown>;
    const next = safeNext(form['next']);
    const address = req.socket.remoteAddress ?? '';
    const waitSeconds = limiter.waitSeconds(address);
    if (waitSeconds > 0) {
      onLogin?.('limited');
      res.status(429).set('Retry-After', String(waitSeconds)).type('html');
      res.send(page(next, `Too many tries. Wait ${waitSeconds} seconds.`));
      return;
    }
    const given = form['password'];
    if (password === undefined || typeof given !== 'string' || !equalSecrets(given, password)) {
      limiter.failed(address);
      onLogin?.('wrong');
      res.status(401).type('html').send(page(next, 'That is not the password.'));
      return;
    }
    limiter.succeeded(address);
    onLogin?.('ok');
    // Everybody knows the same password: the log can tell logins apart, not people.
    const subject = `login-${randomBytes(6).toString('base64url')}`;
    const login = cookie.issue({ by: 'password', subject, role: passwordRole }, req.secure);
    res.set('Set-Cookie', login).redirect(303, next);
  });

  // A link may lead here but only the form logs out: a GET changes nothing.
  router.get('/logout', (_req, res) => {
    res.type('html').send(logoutPage());
  });

  router.post('/logout', sameSite, (req, res) => {
    res.set('Set-Cookie', cookie.clear(req.secure)).redirect(303, '/login');
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
