import type { Clock } from '@ms1/runtime';
import type { OperatorLog } from '@ms1/store';
import express, { type Express, type Request } from 'express';
import helmet from 'helmet';

import { apiRouter } from './api/api-router.ts';
import type { Idempotency } from './api/idempotency.ts';
import { openApiRoutes } from './api/openapi/openapi-routes.ts';
import type { Route } from './api/route.ts';
import { sendProblem } from './api/send-problem.ts';
import { type Access, accessTo } from './auth/access.ts';
import { may } from './auth/caller.ts';
import type { LoginOutcome } from './auth/login-routes.ts';
import { callerOf, requireLogin } from './auth/require-login.ts';
import { type BoardQueue, createBoard } from './board/create-board.ts';
import { type BundledPage, PAGE } from './page/bundle-page.ts';
import { FAVICON } from './page/favicon.ts';
import { pageRoutes } from './page/page-routes.ts';

export interface ConsoleOptions {
  access: Access;
  clock: Clock;
  /** of the project, for the API's description */
  version: string;
  queues: readonly BoardQueue[];
  routes: readonly Route[];
  operators: Pick<OperatorLog, 'append'>;
  idempotency: Pick<Idempotency, 'once'>;
  page: BundledPage;
  onLogin?: (outcome: LoginOutcome) => void;
  /** resolves while Redis answers */
  ping: () => Promise<unknown>;
  onError: (error: unknown) => void;
}

const BOARD = '/queues';

/** The private listener: login, page, Bull Board and API. What is not public here is closed. */
export function createConsole(options: ConsoleOptions): Express {
  const { clock, version, queues, routes, operators, idempotency, onLogin, ping, onError } =
    options;
  const { authenticate, logins, loginPage } = accessTo(options.access, { clock, onLogin });
  const { piiRole } = options.access;
  const reveals = (req: Request): boolean => {
    const caller = callerOf(req);
    return piiRole !== undefined && caller !== undefined && may(caller.role, piiRole);
  };
  const app = express();
  // A TLS proxy on this machine may say that the browser came by https; nobody else may.
  app.set('trust proxy', 'loopback');
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          // Bull Board's page and its charts style elements inline. Scripts never are.
          styleSrc: ["'self'", "'unsafe-inline'"],
          imgSrc: ["'self'", 'data:'],
          fontSrc: ["'self'"],
          connectSrc: ["'self'"],
          baseUri: ["'self'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
        },
      },
      referrerPolicy: { policy: 'no-referrer' },
    }),
  );
  app.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  app.get('/', (_req, res) => res.redirect(PAGE));
  app.get('/favicon.ico', (_req, res) => {
    res.type(FAVICON.type).set('Cache-Control', 'public, max-age=86400').send(FAVICON.body);
  });
  app.use(logins);
  app.use(PAGE, requireLogin(authenticate, 'reader', loginPage), pageRoutes(options.page));
  app.use(
    BOARD,
    requireLogin(authenticate, 'reader', loginPage),
    createBoard(queues, BOARD, reveals),
  );
  app.use(
    '/api',
    apiRouter({
      authenticate,
      routes: [...routes, ...openApiRoutes(routes, version)],
      operators,
      idempotency,
    }),
  );
  app.use((_req, res) => {
    res.status(404).type('application/problem+json').send({ title: 'Not found', status: 404 });
  });
  app.use(sendProblem({ ping, onError }));
  return app;
}
