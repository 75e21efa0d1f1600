import type { Role } from '@ms1/console-api';
import type { Request, RequestHandler } from 'express';

import type { Authenticate } from './authenticate.ts';
import { type Caller, may } from './caller.ts';
import { safeNext } from './login-page.ts';

const callers = new WeakMap<Request, Caller>();

/** Who got past {@link requireLogin} with this request. */
export function callerOf(req: Request): Caller | undefined {
  return callers.get(req);
}

/**
 * Lets only those pass who have the role. Everybody else gets 401 or 403, a person without a login the
 * page to log in with.
 */
export function requireLogin(
  authenticate: Authenticate,
  needed: Role,
  loginPage: (next: string) => string,
): RequestHandler {
  return async (req, res, next) => {
    const caller = await authenticate(req);
    if (caller && may(caller.role, needed)) {
      callers.set(req, caller);
      next();
      return;
    }
    const status = caller ? 403 : 401;
    res.status(status);
    if (!caller && isNavigation(req)) {
      res.type('html').send(loginPage(safeNext(req.originalUrl)));
      return;
    }
    const title = caller ? `This needs the role ${needed}` : 'Log in at /login';
    res.type('application/problem+json').send({ title, status });
  };
}

function isNavigation(req: Request): boolean {
  return req.method === 'GET' && req.accepts(['json', 'html']) === 'html';
}
