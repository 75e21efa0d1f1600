import { Pool } from 'undici';

import { ACCEPTED_CODINGS } from './decode-body.ts';
import { Exchange } from './exchange.ts';
import type { HttpClient, HttpClientOptions, HttpRequest, HttpResponse } from './http-client.ts';

/**
 * Idle connections are dropped after 20 s, below the 60 s (and more) of the usual front ends: a
 * request on a connection that the other side has just closed would fail ambiguously.
 */
const KEEP_ALIVE_MS = 20_000;

/** An {@link HttpClient} over an undici pool. Close it; open sockets keep a process alive. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { name, timeoutMs } = options;
  const origin = new URL(options.origin).origin;
  const pool = new Pool(origin, {
    connections: options.connections,
    // One request a connection at a time: a pipelined neighbour would share its fate.
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    // The exchange's own deadline is the only one: it covers connecting, headers and body together.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: timeoutMs, ...options.tls },
  });
  return {
    name,
    origin,
    request: ({ method, path, headers = {}, body, signal }: HttpRequest): Promise<HttpResponse> =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const exchange = new Exchange({ ...options, signal, resolve, reject });
        const sent = { 'accept-encoding': ACCEPTED_CODINGS, ...headers };
        pool.dispatch({ method, path, headers: sent, body: body ?? null }, exchange);
      }),
    close: () => pool.close(),
  };
}
