import type { Clock } from '@ms1/runtime';
import { type Request, type RequestHandler, Router, urlencoded } from 'express';

import { equalSecrets } from './equal-secrets.ts';
import { LoginLimiter } from './login-limiter.ts';
import { loginPage, logoutPage, safeNext } from './login-page.ts';
import type { SessionCookie } from './session-cookie.ts';

export interface LoginOptions {
  password: string;
  cookie: SessionCookie;
  clock: Clock;
  /** called after each try, for the log */
  onLogin?: (outcome: 'ok' | 'wrong' | 'limited') => void;
}

/** `/login` and `/logout`: the only pages without a login. */
export function loginRoutes({ password, cookie, clock, onLogin }: LoginOptions): Router {
  const limiter = new LoginLimiter(clock);
  const router = Router();

  router.get('/login', (req, res) => {
    res.type('html').send(loginPage({ next: safeNext(req.query['next']) }));
  });

  router.post('/login', sameSite, urlencoded({ extended: false, limit: '4kb' }), (req, res) => {
    const form = (req.body ?? {}) as Record<string, unknown>;
    const next = safeNext(form['next']);
    const address = req.socket.remoteAddress ?? '';
    const waitSeconds = limiter.waitSeconds(address);
    if (waitSeconds > 0) {
      onLogin?.('limited');
      res.status(429).set('Retry-After', String(waitSeconds)).type('html');
      res.send(loginPage({ next, error: `Too many tries. Wait ${waitSeconds} seconds.` }));
      return;
    }
    const given = form['password'];
    if (typeof given !== 'string' || !equalSecrets(given, password)) {
      limiter.failed(address);
      onLogin?.('wrong');
      res
        .status(401)
        .type('html')
        .send(loginPage({ next, error: 'That is not the password.' }));
      return;
    }
    limiter.succeeded(address);
    onLogin?.('ok');
    res.set('Set-Cookie', cookie.issue(req.secure)).redirect(303, next);
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

/** Lets only those with a login pass. Everybody else gets 401, a person with the login page in it. */
export function requireLogin(cookie: SessionCookie): RequestHandler {
  return (req, res, next) => {
    if (cookie.verify(req.headers.cookie)) {
      next();
      return;
    }
    res.status(401);
    if (isNavigation(req)) res.type('html').send(loginPage({ next: safeNext(req.originalUrl) }));
    else res.type('application/problem+json').send({ title: 'Log in at /login', status: 401 });
  };
}

function isNavigation(req: Request): boolean {
  return req.method === 'GET' && req.accepts(['json', 'html']) === 'html';
}

/** Refuses a form that another site sent: every browser of today says where a request comes from. */
const sameSite: RequestHandler = (req, res, next) => {
  const site = req.get('Sec-Fetch-Site');
  if (site === undefined || site === 'same-origin' || site === 'none') {
    next();
    return;
  }
  res
    .status(403)
    .type('application/problem+json')
    .send({ title: 'Sent by another site', status: 403 });
};
