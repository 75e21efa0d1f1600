import type { OperatorLog } from '@ms1/store';
import { json, type Request, type RequestHandler, type Response, Router } from 'express';

import { authenticate, may, ROLES, type Role } from '../auth/authenticate.ts';
import type { SessionCookie } from '../auth/session-cookie.ts';
import { ApiProblem } from './api-problem.ts';
import type { Route } from './route.ts';

export interface ApiRouterOptions {
  token: string;
  cookie: SessionCookie;
  routes: readonly Route[];
  /** what is written before and after everything that changes something */
  operators: Pick<OperatorLog, 'append'>;
}

/**
 * The API. Nobody learns which paths exist without credentials, and no route answers before its
 * policy has been checked.
 *
 * @throws {TypeError} for a route without a policy
 */
export function apiRouter({ token, cookie, routes, operators }: ApiRouterOptions): Router {
  const router = Router();
  const roles = new WeakMap<Request, Role>();

  router.use((req, _res, next) => {
    const role = authenticate(req, { token, cookie });
    if (!role) throw new ApiProblem({ title: 'Credentials are missing or wrong', status: 401 });
    roles.set(req, role);
    next();
  });

  for (const route of routes) {
    if (!ROLES.includes(route.policy)) {
      throw new TypeError(`${route.method} ${route.path} has no policy`);
    }
    const authorize: RequestHandler = (req, _res, next) => {
      const role = roles.get(req);
      if (!role || !may(role, route.policy)) {
        throw new ApiProblem({ title: `This needs the role ${route.policy}`, status: 403 });
      }
      next();
    };
    // Express 5 passes a rejection on to the error handler.
    const handle: RequestHandler = (req, res) =>
      route.method === 'get' ? call(route, req, res) : logged(operators, route, req, res);
    if (route.method === 'get') router.get(route.path, authorize, handle);
    else router.post(route.path, authorize, requireJson, json({ limit: '64kb' }), handle);
  }

  router.use(() => {
    throw new ApiProblem({ title: 'There is no such endpoint', status: 404 });
  });
  return router;
}

async function call(route: Route, req: Request, res: Response): Promise<void> {
  const { status, body, text, location } = await route.handle({
    params: req.params as Record<string, string>,
    input: route.method === 'get' ? req.query : (req.body ?? {}),
  });
  if (location !== undefined) res.location(location);
  if (text === undefined) res.status(status).json(body);
  else res.status(status).type('text/plain').send(text);
}

/** No action without a line before it: what happened is known even if this process dies of it. */
async function logged(
  operators: Pick<OperatorLog, 'append'>,
  route: Route,
  req: Request,
  res: Response,
): Promise<void> {
  const action = {
    by: 'token',
    name: nameOf(req),
    action: `POST ${route.path}`,
    detail: { ...req.params, ...detailOf(route, req) },
  };
  const of = await operators.append({ ...action, status: null, of: null });
  try {
    await call(route, req, res);
    await operators.append({ ...action, detail: null, status: res.statusCode, of });
  } catch (error) {
    const status = error instanceof ApiProblem ? error.problem.status : 500;
    await operators.append({ ...action, detail: null, status, of });
    throw error;
  }
}

/** Only what the schema accepts is kept: anything else may be anything, and longer. */
function detailOf(route: Route, req: Request): object {
  const parsed = route.input.safeParse(req.body ?? {});
  if (!parsed.success) return { invalid: true };
  return { input: route.logged ? route.logged(parsed.data) : parsed.data };
}

/** Who they say they are: printable, short, and believed no further than that. */
function nameOf(req: Request): string | null {
  const name = req
    .get('X-Ms1-Operator')
    ?.replaceAll(/[^ -~]/g, '')
    .slice(0, 64);
  return name ? name : null;
}

/** Also without a body: a content type that a form can not send keeps other sites' forms out. */
const requireJson: RequestHandler = (req, _res, next) => {
  const type = req.get('Content-Type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new ApiProblem({ title: 'Send Content-Type: application/json', status: 415 });
  }
  next();
};
