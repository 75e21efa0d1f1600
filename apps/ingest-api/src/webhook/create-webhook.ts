import type { IncomingMessage } from 'node:http';
import { annotate, inSpan } from '@ms1/tracing';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type Response,
} from 'express';
import pTimeout from 'p-timeout';

import type { Accepted, AcceptNotifications } from '../notifications/accept-notifications.ts';
import { NotificationsRefusedError } from '../notifications/read-notifications.ts';
import type { Admission } from './admission.ts';
import { BODY_BYTES_MAX, BodyRefusedError, createBodyReader } from './read-body.ts';
import { readHandshake } from './read-handshake.ts';

/** How a POST was answered, for metrics and the log. */
export interface Answered {
  status: number;
  /** ms from the headers being read to the answer */
  durationMs: number;
  accepted?: Accepted;
  error?: unknown;
  /** refused without being read, because there is too much at the moment */
  shed?: 'rate' | 'in_hand' | 'busy';
}

export interface WebhookOptions {
  accept: AcceptNotifications;
  admission: Admission;
  /** whose request it is; null where that cannot be known */
  addressOf: (req: IncomingMessage) => string | null;
  /** ms that this process is behind with its work */
  lagMs: () => number;
  onAnswered: (answered: Answered) => void;
}

const PATH = '/webhooks/graph';
/** 64 MB of bodies that are being read: 256 of the largest, or 1,000 of 100 basic notifications each */
const READING_BYTES_MAX = 64 * 1024 * 1024;
/**
 * ms for the work behind an answer. Graph counts an answer after 3 s as none, and 10 % of those delay
 * every notification by 10 min (docs/graph-contract.md#answer-times): every answer is out before 2.5 s, as 503 at
 * worst.
 */
const ACCEPT_MS_MAX = 2_000;
/** s; Graph chooses its own intervals, a proxy may not */
const RETRY_AFTER_SECONDS = '5';
/** Behind by so much, an answer out before 2.5 s is not sure any more: a 503 at once is. */
const LAG_MS_MAX = 500;
/** POSTs being taken; with a Redis that hangs each stays 2 s, so beyond this they are refused at once */
const IN_HAND_MAX = 500;

/** The public listener: Graph's handshake and its notifications, and nothing else. */
export function createWebhook(options: WebhookOptions): Express {
  const { accept, admission, addressOf, lagMs, onAnswered } = options;
  const readBody = createBodyReader({
    bytesMax: BODY_BYTES_MAX,
    inFlightBytesMax: READING_BYTES_MAX,
  });
  let inHand = 0;

  const take = async (body: Buffer): Promise<Accepted> => {
    inHand += 1;
    try {
      return await pTimeout(accept(body), { milliseconds: ACCEPT_MS_MAX });
    } finally {
      inHand -= 1;
    }
  };

  const answer = async (req: Request, res: Response): Promise<void> => {
    const startedAt = performance.now();
    const answered = (status: number, more: Partial<Answered> = {}): void => {
      annotate({ 'http.response.status_code': status });
      onAnswered({ status, durationMs: performance.now() - startedAt, ...more });
    };
    const address = addressOf(req);
    const bytes = bytesOf(req);
    const shed = admission.admits(address, bytes) ? tooMuch(inHand, lagMs()) : 'rate';
    if (shed) {
      unavailable(res);
      answered(503, { shed });
      return;
    }
    try {
      const body = await readBody(req);
      if (bytes === null) admission.read(body.length);
      const accepted = await take(body);
      // The same answer for what was good, unknown and forged (docs/reliability.md#one-answer).
      res.status(202).end();
      if (isWorthless(accepted)) admission.blame(address);
      answered(202, { accepted });
    } catch (error) {
      const status = statusOf(error);
      if (status === 503) unavailable(res);
      else {
        admission.blame(address);
        // The connection carries what was not read of the body.
        if (error instanceof BodyRefusedError) res.set('connection', 'close');
        res.status(status).end();
      }
      answered(status, { error });
    }
  };

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
  app.post(
    PATH,
    // Before any body is read: a handshake has none (docs/graph-contract.md#endpoint-validation).
    (req, res, next) => {
      const handshake = readHandshake(req.url);
      if (handshake.kind === 'none') next();
      else if (handshake.kind === 'bad') res.status(400).end();
      else res.status(200).type('text/plain; charset=utf-8').send(handshake.token);
    },
    (req, res) => void inSpan(`POST ${PATH}`, 'server', () => answer(req, res)),
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

function tooMuch(inHand: number, lagMs: number): 'in_hand' | 'busy' | null {
  if (inHand >= IN_HAND_MAX) return 'in_hand';
  return lagMs > LAG_MS_MAX ? 'busy' : null;
}

function bytesOf({ headers }: IncomingMessage): number | null {
  const bytes = Number(headers['content-length']);
  return bytes >= 0 ? bytes : null;
}

/** Nothing in it was from whom it said. A change that is not listened to is no fault of its sender. */
function isWorthless({ noticed, lifecycle, ignored, paused }: Accepted): boolean {
  return noticed + lifecycle + ignored + paused === 0;
}

function statusOf(error: unknown): number {
  if (error instanceof NotificationsRefusedError || error instanceof BodyRefusedError) {
    return error.status;
  }
  return 503;
}

/** A request that Express itself cannot take, such as a path that does not decode. */
function refuse(onAnswered: WebhookOptions['onAnswered']): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    if (!res.headersSent) res.status(400).set('connection', 'close').end();
    onAnswered({ status: 400, durationMs: 0, error });
  };
}

function unavailable(res: Response): void {
  res.status(503).set('retry-after', RETRY_AFTER_SECONDS).end();
}
