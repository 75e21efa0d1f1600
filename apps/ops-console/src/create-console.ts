import type { Clock } from '@ms1/runtime';
import type { OperatorLog } from '@ms1/store';
import express, { type Express } from 'express';
import helmet from 'helmet';

import { apiRouter } from './api/api-router.ts';
import type { Route } from './api/route.ts';
import { sendProblem } from './api/send-problem.ts';
import { loginRoutes, requireLogin } from './auth/login-routes.ts';
import { SessionCookie } from './auth/session-cookie.ts';
import { type BoardQueue, createBoard } from './board/create-board.ts';

export interface ConsoleOptions {
  password: string;
  token: string;
  clock: Clock;
  queues: readonly BoardQueue[];
  routes: readonly Route[];
  operators: Pick<OperatorLog, 'append'>;
  onLogin?: (outcome: 'ok' | 'wrong' | 'limited') => void;
  /** resolves while Redis answers */
  ping: () => Promise<unknown>;
  onError: (error: unknown) => void;
}

const BOARD = '/queues';

/** The private listener: login, Bull Board and API. What is not public here is closed. */
export function createConsole(options: ConsoleOptions): Express {
  const { password, token, clock, queues, routes, operators, onLogin, ping, onError } = options;
  const cookie = new SessionCookie(password, clock);
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
  app.get('/', (_req, res) => res.redirect(BOARD));
  app.use(loginRoutes({ password, cookie, clock, ...(onLogin && { onLogin }) }));
  app.use(BOARD, requireLogin(cookie), createBoard(queues, BOARD));
  app.use('/api', apiRouter({ token, cookie, routes, operators }));
  app.use((_req, res) => {
    res.status(404).type('application/problem+json').send({ title: 'Not found', status: 404 });
  });
  app.use(sendProblem({ ping, onError }));
  return app;
}
