import type { LookupFunction } from 'node:net';
import { type Dispatcher, errors, Pool } from 'undici';

import { ACCEPTED_CODINGS, decodeBody } from './decode-body.ts';
import { HttpConnectionError, HttpResponseTooLargeError, HttpTimeoutError } from './http-errors.ts';
import { traceCall } from './trace-call.ts';

export interface HttpClientOptions {
  /** whom it talks to, for errors, e.g. `ms4` */
  name: string;
  /** scheme, host and port, checked by `requireSecureOrigin` */
  origin: string;
  /** connections at most; a request beyond it waits for one inside its deadline */
  connections: number;
  /** ms for one call, waiting for a connection and the last byte of the reply included */
  timeoutMs: number;
  /** a larger reply, packed or unpacked, is an error. A misbehaving server must not be able to fill our memory */
  responseBytesMax: number;
  /** of plain http: resolves the host, and refuses what is outside the network that is ours */
  lookup?: LookupFunction | undefined;
  /** tells the service which trace a request is part of (W3C `traceparent`), where there is one; default false */
  tellsTrace?: boolean;
  /** PEM: a private CA, and the client's own certificate where the service asks for one */
  tls?: { ca?: string; cert?: string; key?: string };
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** from the leading slash, with the query */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  signal?: AbortSignal;
}

export interface HttpResponse {
  status: number;
  /** names in lower case; a repeated header is joined by `, ` */
  headers: Readonly<Record<string, string>>;
  /** without its Content-Encoding, where that could be undone */
  body: Buffer;
}

/**
 * Idle connections are dropped after 20 s, below the 60 s (and more) of the usual front ends: a
 * request on a connection that the other side has just closed would fail ambiguously.
 */
const KEEP_ALIVE_MS = 20_000;

/** One service over HTTP, on an undici pool of keep-alive connections. Close it; open sockets keep a process alive. */
export function createHttpClient(options: HttpClientOptions) {
  const { name, connections, timeoutMs, responseBytesMax } = options;
  const { origin, protocol } = new URL(options.origin);
  const lookup = protocol === 'http:' ? options.lookup : undefined;
  const pool = new Pool(origin, {
    connections,
    // One request a connection at a time: a pipelined neighbour would share its fate.
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // One deadline for the whole call, below: it covers connecting, headers and body together.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: responseBytesMax,
    connect: { timeout: timeoutMs, ...options.tls, ...(lookup && { lookup }) },
  });
  const dispatcher = pool.compose(noteStart);

  const exchange = async (request: Dispatcher.RequestOptions<Progress>): Promise<HttpResponse> => {
    try {
      const { statusCode, headers, body } = await dispatcher.request(request);
      const received = Buffer.from(await body.arrayBuffer());
      const flat = Object.fromEntries(
        Object.entries(headers).map(([header, value]) => [header, [value].flat().join(', ')]),
      );
      const decoded = await decodeBody(received, flat['content-encoding'], responseBytesMax);
      return { status: statusCode, headers: flat, body: decoded };
    } catch (cause) {
      const { code } = cause as { code?: unknown };
      const isTooLarge =
        cause instanceof errors.ResponseExceededMaxSizeError || code === 'ERR_BUFFER_TOO_LARGE';
      throw isTooLarge
        ? new HttpResponseTooLargeError(name, responseBytesMax)
        : new HttpConnectionError(name, cause);
    }
  };

  const send = async ({
    method,
    path,
    headers,
    body,
    signal,
  }: HttpRequest): Promise<HttpResponse> => {
    signal?.throwIfAborted();
    const progress: Progress = { started: false };
    const end = new AbortController();
    const stop = (): void => end.abort(signal?.reason);
    const timer = setTimeout(
      () => end.abort(new HttpTimeoutError(name, timeoutMs, progress.started)),
      timeoutMs,
    );
    signal?.addEventListener('abort', stop, { once: true });
    // undici lets go of a request that waits for a connection only when it gets one.
    const ended = new Promise<never>((_, reject) => {
      end.signal.addEventListener('abort', () => reject(end.signal.reason), { once: true });
    });
    try {
      const answered = exchange({
        method,
        path,
        headers: { 'accept-encoding': ACCEPTED_CODINGS, ...headers },
        body: body ?? null,
        signal: end.signal,
        opaque: progress,
      });
      return await Promise.race([ended, answered]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  };
  const traced = { name, host: new URL(origin).hostname, tellsTrace: options.tellsTrace ?? false };

  return {
    /** scheme, host and port: every request goes there and nowhere else */
    origin,

    /**
     * Sends one request and reads the whole reply. Any status is an answer, 3xx too: redirects are never followed,
     * because the credentials in the headers are meant for this origin only.
     *
     * @throws {HttpTimeoutError} when the whole call took longer than the deadline
     * @throws {HttpConnectionError} when there is no (whole) reply
     * @throws {HttpResponseTooLargeError}
     * @throws the signal's reason when it aborts
     */
    request: (request: HttpRequest): Promise<HttpResponse> => traceCall(request, traced, send),

    /** Waits for requests in flight, then closes the connections. */
    close: (): Promise<void> => pool.close(),
  };
}

export type HttpClient = ReturnType<typeof createHttpClient>;

interface Progress {
  started: boolean;
}

/** Notes which requests were given a connection: the others are certain to have had no effect. */
const noteStart: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (request, handler) => {
  const { opaque } = request as { opaque?: Progress };
  const start = handler.onRequestStart?.bind(handler);
  handler.onRequestStart = (controller, context) => {
    if (opaque) opaque.started = true;
    start?.(controller, context);
  };
  return dispatch(request, handler);
};
