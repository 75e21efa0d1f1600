import { ROLES } from '@ms1/console-api';
import { json, type Request, type RequestHandler, type Response, Router } from 'express';
import type { Authenticate } from '../auth/authenticate.ts';
import { type Caller, may } from '../auth/caller.ts';
import { isFromPage, PAGE_HEADER } from '../auth/same-origin.ts';
import { ApiProblem } from './api-problem.ts';
import type { Idempotency } from './idempotency.ts';
import { linkToNext } from './link-to-next.ts';
import type { OperatorLog } from './operator-log.ts';
import type { AnyReply, Route } from './route.ts';
import { isCsv, sendCsv } from './send-csv.ts';

export interface ApiRouterOptions {
  authenticate: Authenticate;
  routes: readonly Route[];
  /** what is written before and after everything that changes something */
  operators: Pick<OperatorLog, 'append'>;
  /** answers a write that was sent again with what it came to the first time */
  idempotency: Pick<Idempotency, 'once'>;
}

type Api = Omit<ApiRouterOptions, 'routes'>;

/**
 * The API. Nobody learns which paths exist without credentials, and no route answers before its
 * policy has been checked.
 *
 * @throws {TypeError} for a route without a policy
 */
export function apiRouter({ routes, ...api }: ApiRouterOptions): Router {
  const router = Router();
  const callers = new WeakMap<Request, Caller>();
  const callerOf = (req: Request): Caller => {
    const caller = callers.get(req);
    if (!caller) throw new TypeError('a request got past the login without one');
    return caller;
  };

  router.use(async (req, _res, next) => {
    const caller = await api.authenticate(req);
    if (!caller) throw new ApiProblem({ title: 'Credentials are missing or wrong', status: 401 });
    callers.set(req, caller);
    next();
  });

  for (const route of routes) {
    if (!ROLES.includes(route.policy)) {
      throw new TypeError(`${route.method} ${route.path} has no policy`);
    }
    const authorize: RequestHandler = (req, _res, next) => {
      const caller = callerOf(req);
      if (!may(caller.role, route.policy)) {
        throw new ApiProblem({ title: `This needs the role ${route.policy}`, status: 403 });
      }
      if (route.method !== 'get' && caller.cookie && !isFromPage(req)) {
        throw new ApiProblem({
          title: `With a login, send ${PAGE_HEADER}: 1 from a page of this console`,
          status: 403,
        });
      }
      next();
    };
    // Express 5 passes a rejection on to the error handler.
    const handle: RequestHandler = async (req, res) => {
      const caller = callerOf(req);
      if (route.run) route.run(requestOf(req, caller), res);
      else if (isCsv(route, req)) await sendCsv(route, requestOf(req, caller), res);
      else if (route.method === 'get') send(route, req, res, await call(route, req, caller));
      else send(route, req, res, await write(api, route, req, caller));
    };
    if (route.method === 'get') router.get(route.path, authorize, handle);
    else router[route.method](route.path, authorize, requireJson, json({ limit: '64kb' }), handle);
  }

  router.use(() => {
    throw new ApiProblem({ title: 'There is no such endpoint', status: 404 });
  });
  return router;
}

function requestOf(req: Request, caller: Caller) {
  return { params: req.params, query: req.query, body: req.body ?? {}, caller };
}

function call(route: Route, req: Request, caller: Caller): Promise<AnyReply> {
  return route.handle(requestOf(req, caller));
}

function send(route: Route, req: Request, res: Response, reply: AnyReply): void {
  const { status, body, text, location, next } = reply;
  if (location !== undefined) res.location(location);
  if (next !== undefined) res.set('Link', linkToNext(req.originalUrl, next));
  res.status(status);
  if (text === undefined) res.json(body);
  else res.type(route.text ?? 'text/plain').send(text);
}

/** A write: once for each idempotency key, and never without a line in the log before it. */
function write(api: Api, route: Route, req: Request, caller: Caller): Promise<AnyReply> {
  const key = route.reads ? undefined : req.get('Idempotency-Key');
  const again = () => logged(api.operators, route, req, caller);
  if (key === undefined) return again();
  const request = {
    method: req.method,
    path: req.originalUrl,
    body: req.body ?? {},
    // What the log may not know is not to be guessed from a fingerprint either: the key is kept nowhere.
    ...(route.logged && { key }),
  };
  return api.idempotency.once({ key, caller, request }, again);
}

/** No action without a line before it: what happened is known even if this process dies of it. */
async function logged(
  operators: Pick<OperatorLog, 'append'>,
  route: Route,
  req: Request,
  caller: Caller,
): Promise<AnyReply> {
  const action = {
    by: caller.by,
    subject: caller.subject,
    name: nameOf(req),
    action: `${req.method} ${route.path}`,
    detail: detailOf(route, req),
  };
  const of = await operators.append({ ...action, status: null, of: null });
  try {
    const reply = await call(route, req, caller);
    await operators.append({ ...action, detail: null, status: reply.status, of });
    return reply;
  } catch (error) {
    const status = error instanceof ApiProblem ? error.problem.status : 500;
    await operators.append({ ...action, detail: null, status, of });
    throw error;
  }
}

/** Only what the schemas accept is kept: anything else may be anything, and longer. */
function detailOf(route: Route, req: Request): object {
  const params = route.params.safeParse(req.params);
  const body = route.body?.safeParse(req.body ?? {}) ?? { success: true, data: {} };
  if (!params.success || !body.success) return { invalid: true };
  return { ...params.data, input: route.logged ? route.logged(body.data) : body.data };
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
