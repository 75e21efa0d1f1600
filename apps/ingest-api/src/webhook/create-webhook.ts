import { withDeadline } from '@ms1/runtime';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type Response,
} from 'express';

import type { Accepted, AcceptNotifications } from '../notifications/accept-notifications.ts';
import { NotificationsRefusedError } from '../notifications/read-notifications.ts';
import { readHandshake } from './read-handshake.ts';

/** How a POST was answered, for metrics and the log. */
export interface Answered {
  status: number;
  /** ms from the body being read to the answer */
  durationMs: number;
  accepted?: Accepted;
  error?: unknown;
}

export interface WebhookOptions {
  accept: AcceptNotifications;
  onAnswered: (answered: Answered) => void;
}

const PATH = '/webhooks/graph';
/** bytes of a body; a notification is about 500 (reliability T5) */
const BODY_BYTES_MAX = 256 * 1024;
/**
 * ms for the work behind an answer. Graph counts an answer after 3 s as none, and 10 % of those delay
 * every notification by 10 min (Graph contract 1.4): every answer is out before 2.5 s, as 503 at worst.
 */
const ACCEPT_MS_MAX = 2_000;
/** s; Graph chooses its own intervals, a proxy may not */
const RETRY_AFTER_SECONDS = '5';
/** POSTs in hand; with a Redis that hangs each stays 2 s, so beyond this they are refused at once */
const IN_HAND_MAX = 500;

/** The public listener: Graph's handshake and its notifications, and nothing else. */
export function createWebhook({ accept, onAnswered }: WebhookOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_req, res, next) => {
    res.set({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'",
      'cache-control': 'no-store',
    });
    next();
  });

  const answer = async (req: Request, res: Response): Promise<void> => {
    const startedAt = performance.now();
    const duration = (): number => performance.now() - startedAt;
    // Without a body there is none parsed.
    const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
    try {
      const accepted = await withDeadline(accept(body), ACCEPT_MS_MAX);
      // The same answer for what was good, unknown and forged (reliability T10).
      res.status(202).end();
      onAnswered({ status: 202, durationMs: duration(), accepted });
    } catch (error) {
      const status = error instanceof NotificationsRefusedError ? error.status : 503;
      if (status === 503) unavailable(res);
      else res.status(status).end();
      onAnswered({ status, durationMs: duration(), error });
    }
  };

  let inHand = 0;
  app.post(
    PATH,
    // Before any body is read: a handshake has none (Graph contract 1.1).
    (req, res, next) => {
      const handshake = readHandshake(req.url);
      if (handshake.kind === 'none') next();
      else if (handshake.kind === 'bad') res.status(400).end();
      else res.status(200).type('text/plain; charset=utf-8').send(handshake.token);
    },
    (_req, res, next) => {
      if (inHand >= IN_HAND_MAX) {
        unavailable(res);
        onAnswered({ status: 503, durationMs: 0 });
        return;
      }
      inHand += 1;
      res.once('close', () => {
        inHand -= 1;
      });
      next();
    },
    // Whatever the content type says, and never inflated: a compressed body is not Graph's.
    express.raw({ type: () => true, limit: BODY_BYTES_MAX, inflate: false }),
    (req, res) => void answer(req, res),
  );
  app.all(PATH, (_req, res) => {
    res.status(405).set('allow', 'POST').end();
  });
  app.use((_req, res) => {
    res.status(404).end();
  });
  app.use(refuse(onAnswered));
  return app;
}

/** What the body parser refuses: too large, compressed, cut off. The connection carries the rest and is closed. */
function refuse(onAnswered: WebhookOptions['onAnswered']): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const status = (error as { status?: unknown } | null)?.status;
    const answer = typeof status === 'number' && status >= 400 && status < 500 ? status : 503;
    if (!res.headersSent) res.status(answer).set('connection', 'close').end();
    onAnswered({ status: answer, durationMs: 0, error });
  };
}

function unavailable(res: Response): void {
  res.status(503).set('retry-after', RETRY_AFTER_SECONDS).end();
}
