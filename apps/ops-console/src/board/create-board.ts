import { AsyncLocalStorage } from 'node:async_hooks';
import { createBullBoard } from '@bull-board/api';
import { ExpressAdapter } from '@bull-board/express';
import type { PayloadSealer } from '@ms1/queue';
import { type Express, type Request, type RequestHandler, Router } from 'express';

import { type BoardQueue, OpenedQueue } from './opened-queue.ts';
import { redactJobData } from './redact-job-data.ts';
import { redactReply } from './redact-reply.ts';

/** Whether this request's reply may hold personal data. Bull Board's formatters are not told whose request it is. */
const mayReveal = new AsyncLocalStorage<boolean>();

/**
 * Bull Board over all queues, to look at only. It has no login of its own (the caller puts one in
 * front), `readOnlyMode` refuses its writes queue by queue, and nothing but a read gets to it at all.
 * `basePath` is where the router is mounted; `reveals` says whose replies are not redacted;
 * `payloads` opens jobs' data as far as the console has the keys.
 */
export function createBoard(
  queues: readonly BoardQueue[],
  basePath: string,
  reveals: (req: Request) => boolean,
  payloads: Pick<PayloadSealer, 'open'>,
): Router {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(basePath);
  createBullBoard({
    serverAdapter,
    queues: queues.map((queue) => redacting(new OpenedQueue(queue, payloads))),
    options: {
      uiConfig: {
        boardTitle: 'ms1 queues',
        hideRedisDetails: true,
        miscLinks: [
          { text: 'Back to the console', url: '/console' },
          { text: 'Log out', url: '/logout' },
        ],
      },
    },
  });
  const board = serverAdapter.getRouter() as Express;
  // It is an application of its own, and would name what it is made with.
  board.disable('x-powered-by');
  const router = Router();
  const remember: RequestHandler = (req, _res, next) => mayReveal.run(reveals(req), next);
  router.use(readsOnly, remember, redactReplies, board);
  return router;
}

function redacting(adapter: OpenedQueue): OpenedQueue {
  adapter.setFormatter('data', redactUnlessRevealed);
  adapter.setFormatter('returnValue', redactUnlessRevealed);
  adapter.setFormatter('progress', redactUnlessRevealed);
  return adapter;
}

function redactUnlessRevealed(data: unknown): unknown {
  return mayReveal.getStore() === true ? data : redactJobData(data);
}

const readsOnly: RequestHandler = (req, res, next) => {
  if (req.method === 'GET' || req.method === 'HEAD') {
    next();
    return;
  }
  const problem = { title: 'The board is read-only', status: 405 };
  res.status(405).set('Allow', 'GET, HEAD').type('application/problem+json').send(problem);
};

/** Formatters see data, return value and progress; failure reasons, stacks and logs pass them by. */
const redactReplies: RequestHandler = (_req, res, next) => {
  if (mayReveal.getStore() === true) {
    next();
    return;
  }
  const json = res.json.bind(res);
  res.json = (body: unknown) => json(redactReply(body));
  next();
};
