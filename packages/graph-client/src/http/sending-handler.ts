import type { Context, Middleware } from '@microsoft/microsoft-graph-client';
import { type HttpClient, type HttpRequest, HttpTimeoutError } from '@ms1/http-client';

import { GraphTimeoutError, GraphTransientError } from '../errors/graph-error.ts';
import { Exchange } from './exchange.ts';

/** The last handler of the chain: sends through our HTTP client (one origin, total deadline, no redirects). */
export class SendingHandler implements Middleware {
  readonly #http: Pick<HttpClient, 'request'>;

  constructor(http: Pick<HttpClient, 'request'>) {
    this.#http = http;
  }

  async execute(context: Context): Promise<void> {
    const exchange = context.middlewareControl?.getMiddlewareOptions(Exchange) as Exchange;
    const { method = 'GET', headers: sent, body } = context.options ?? {};
    try {
      const answer = await this.#http.request({
        method: method as HttpRequest['method'],
        path: exchange.path,
        headers: sent as Record<string, string>,
        ...(typeof body === 'string' && { body }),
        ...(exchange.signal && { signal: exchange.signal }),
      });
      exchange.body = answer.body;
      const { status, headers } = answer;
      context.response = new Response(null, { status, headers });
    } catch (cause) {
      exchange.failure = exchange.signal?.aborted ? exchange.signal.reason : unanswered(cause);
      throw exchange.failure;
    }
  }
}

function unanswered(cause: unknown): GraphTransientError {
  const facts = { status: null, cause };
  return cause instanceof HttpTimeoutError
    ? new GraphTimeoutError('did not answer in time', facts)
    : new GraphTransientError('did not answer', facts);
}
