import type { Context, Middleware } from '@microsoft/microsoft-graph-client';
import { type HttpClient, type HttpRequest, HttpTimeoutError } from '@ms1/http-client';

import { GraphTimeoutError, GraphTransientError } from '../errors/graph-error.ts';
import { callOf, urlOf } from './call.ts';

/** The last handler of the chain: sends through our HTTP client (one origin, total deadline, no redirects). */
export class UndiciHandler implements Middleware {
  readonly #http: Pick<HttpClient, 'request' | 'origin'>;

  constructor(http: Pick<HttpClient, 'request' | 'origin'>) {
    this.#http = http;
  }

  async execute(context: Context): Promise<void> {
    const call = callOf(context);
    const { signal } = call.options;
    const { method = 'GET', headers: sent, body } = context.options ?? {};
    try {
      const answer = await this.#http.request({
        method: method as HttpRequest['method'],
        path: urlOf(context).slice(this.#http.origin.length),
        headers: sent as Record<string, string>,
        ...(typeof body === 'string' && { body }),
        ...(signal && { signal }),
      });
      call.received = answer.body;
      const { status, headers } = answer;
      context.response = new Response(null, { status, headers });
    } catch (cause) {
      signal?.throwIfAborted();
      const facts = { status: null, cause };
      throw cause instanceof HttpTimeoutError
        ? new GraphTimeoutError('did not answer in time', facts)
        : new GraphTransientError('did not answer', facts);
    }
  }
}
