import type { PayloadSealer } from '@ms1/queue';
import type { Clock } from '@ms1/runtime';
import express, { type Express, type Request } from 'express';
import helmet from 'helmet';
import { apiRouter } from './api/api-router.ts';
import type { Idempotency } from './api/idempotency.ts';
import { LOGGED } from './api/logged.ts';
import { openApiRoutes } from './api/openapi/openapi-routes.ts';
import type { OperatorLog } from './api/operator-log.ts';
import { type Handlers, routesOf } from './api/route.ts';
import { sendProblem } from './api/send-problem.ts';
import { type Access, type AccessOptions, accessTo } from './auth/access.ts';
import { may } from './auth/caller.ts';
import type { OnLogin } from './auth/login-outcome.ts';
import { callerOf, requireLogin } from './auth/require-login.ts';
import { createBoard } from './board/create-board.ts';
import type { BoardQueue } from './board/opened-queue.ts';
import { type BundledPage, PAGE } from './page/bundle-page.ts';
import { FAVICON } from './page/favicon.ts';
import { pageRoutes } from './page/page-routes.ts';

export interface ConsoleOptions {
  access: Access;
  /** what all consoles know of logins, and of tries to log in */
  logins: AccessOptions['store'];
  tries: AccessOptions['tries'];
  clock: Clock;
  /** of the project, for the API's description */
  version: string;
  queues: readonly BoardQueue[];
  /** opens what the board shows of jobs */
  payloads: Pick<PayloadSealer, 'open'>;
  /** of every endpoint but the description itself */
  handlers: Omit<Handlers, 'GET /openapi.json' | 'GET /reference'>;
  operators: Pick<OperatorLog, 'append'>;
  idempotency: Pick<Idempotency, 'once'>;
  page: BundledPage;
  onLogin?: OnLogin;
  /** resolves while Redis answers */
  ping: () => Promise<unknown>;
  onError: (error: unknown) => void;
}

const BOARD = '/queues';

/** The private listener: login, page, Bull Board and API. What is not public here is closed. */
export function createConsole(options: ConsoleOptions): Express {
  const { access, clock, version, queues, handlers, operators, idempotency, ping, onError } =
    options;
  const { tries, onLogin } = options;
  const { authenticate, logins, loginPage } = accessTo(access, {
    store: options.logins,
    tries,
    clock,
    onLogin,
  });
  const { piiRole, trustedProxies } = access;
  const reveals = (req: Request): boolean => {
    const caller = callerOf(req);
    return piiRole !== undefined && caller !== undefined && may(caller.role, piiRole);
  };
  const app = express();
  // The proxies that are configured, else one on this machine, may say that the browser came by https.
  app.set('trust proxy', trustedProxies === 0 ? 'loopback' : trustedProxies);
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
    createBoard(queues, BOARD, reveals, options.payloads),
  );
  app.use(
    '/api',
    apiRouter({
      authenticate,
      routes: routesOf({ ...handlers, ...openApiRoutes(version) }, LOGGED),
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
