import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import type { Call, Handler, Reply } from './call.ts';
import { JsonList } from './json-list.ts';

export interface ServeOptions {
  /** bytes of a request body; a larger one is cut off with 413 */
  bodyBytesMax: number;
  /** told of a handler that threw; the client gets a 500 */
  onError: (error: unknown) => void;
}

/**
 * An HTTP server around one function. node:http without a framework: the same function must also
 * answer the items of a `$batch`, which are no HTTP requests, so there is nothing for middleware to do.
 */
export function serve(handler: Handler, options: ServeOptions): Server {
  const server = createServer((req, res) => {
    answer(req, res, handler, options).catch((error: unknown) => {
      if (req.destroyed && !req.complete) return;
      options.onError(error);
      send(res, { status: 500, body: { title: 'simulator error', status: 500 } });
    });
  });
  // Above the idle time of any client's pool, so that the client closes first and meets no reset.
  server.keepAliveTimeout = 75_000;
  return server;
}

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  handler: Handler,
  { bodyBytesMax }: ServeOptions,
): Promise<void> {
  const body = await readBody(req, bodyBytesMax);
  if (body === null) {
    const problem = { title: 'Payload too large', status: 413 };
    send(res, {
      status: 413,
      headers: { 'content-type': 'application/problem+json', connection: 'close' },
      body: problem,
    });
    return;
  }
  const reply = await handler(toCall(req, body));
  if (reply.reset) req.socket.resetAndDestroy();
  else if (reply.dripMs !== undefined) drip(res, reply, reply.dripMs);
  else if (!reply.hang) send(res, reply);
}

function toCall(req: IncomingMessage, body: Buffer): Call {
  const url = req.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: req.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1)),
    headers: req.headers,
    body,
    origin: `http://${req.headers.host ?? 'localhost'}`,
  };
}

async function readBody(req: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function drip(res: ServerResponse, { status, headers, body }: Reply, everyMs: number): void {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  let sent = 0;
  const timer = setInterval(() => {
    if (sent < bytes.length) res.write(bytes.subarray(sent, (sent += 1)));
    else res.end();
  }, everyMs);
  res.once('close', () => clearInterval(timer));
}

function send(res: ServerResponse, { status, headers = {}, body }: Reply): void {
  if (res.headersSent || res.destroyed) return;
  const raw = typeof body === 'string' || Buffer.isBuffer(body) || body === undefined;
  const text = raw ? body : encode(body);
  const type = raw ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  res.writeHead(status, {
    ...(text === undefined ? {} : { 'content-type': type }),
    ...headers,
    'content-length': text === undefined ? 0 : Buffer.byteLength(text),
  });
  res.end(text);
}

function encode(body: object): string | Buffer {
  return body instanceof JsonList ? body.encode() : JSON.stringify(body);
}
