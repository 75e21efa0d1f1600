import { randomUUID } from 'node:crypto';
import { Client, ResponseType } from '@microsoft/microsoft-graph-client';
import type { HttpClient } from '@ms1/http-client';
import type { Clock } from '@ms1/runtime';

import type { TokenSource } from '../auth/token-source.ts';
import { classify } from '../errors/classify.ts';
import { GraphProtocolError } from '../errors/graph-error.ts';
import { Exchange } from './exchange.ts';
import { assertListed, type IsListed } from './listed-only.ts';
import { prefer } from './preferences.ts';
import type { RequestKind } from './request-kind.ts';
import { SendingHandler } from './sending-handler.ts';
import { TokenHandler } from './token-handler.ts';

export interface GraphCall {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** below the base URL, such as `/users/{id}/messages`; or whole, from a pinned link */
  path: string | { whole: string };
  /** sent as JSON */
  body?: object;
  pageSize?: number | undefined;
  /** what it is for, and how many requests Graph counts for it; default one */
  kind: RequestKind;
  requests?: number;
  signal?: AbortSignal | undefined;
}

/** One call to Graph: answers with the parsed JSON (undefined for an empty body) or throws a GraphError. */
export type GraphHttp = (call: GraphCall) => Promise<unknown>;

export interface GraphHttpOptions {
  baseUrl: string;
  http: Pick<HttpClient, 'request'>;
  tokens: TokenSource;
  clock: Clock;
  isListed: IsListed;
  /** told before each call, refused ones included: Graph counts those too (docs/graph-contract.md#throttling) */
  onRequests?: ((kind: RequestKind, requests: number) => void) | undefined;
}

/**
 * Microsoft's client with a chain of our own: token, then our HTTP client. Its retry and redirect
 * handlers are left out: retries are the policy's and the queue's, and a redirect would carry the token
 * to another host.
 */
export function createGraphHttp(options: GraphHttpOptions): GraphHttp {
  const { baseUrl, http, tokens, clock, isListed, onRequests } = options;
  const { origin, hostname, pathname } = new URL(baseUrl);
  const root = pathname.replace(/\/+$/, '');
  const client = Client.initWithMiddleware({
    baseUrl: origin,
    customHosts: new Set([hostname]),
    middleware: [new TokenHandler(tokens), new SendingHandler(http)],
  });

  return async ({ method = 'GET', path, body, pageSize, kind, requests = 1, signal }) => {
    signal?.throwIfAborted();
    const whole = typeof path === 'string' ? `${root}${path}` : path.whole;
    assertListed(whole.slice(root.length), body, isListed);
    onRequests?.(kind, requests);
    const clientRequestId = randomUUID();
    const exchange = new Exchange(whole, signal);
    const request = client
      .api('/')
      .middlewareOptions([exchange])
      .responseType(ResponseType.RAW)
      .headers({
        accept: 'application/json',
        prefer: prefer(pageSize),
        'client-request-id': clientRequestId,
      });
    let response: Response;
    try {
      response = await send(request, method, body);
    } catch (error) {
      throw exchange.failure ?? error;
    }
    return read(response, exchange.body, { kind, clientRequestId, now: clock.now() });
  };
}

type Sendable = ReturnType<Client['api']>;

function send(
  request: Sendable,
  method: NonNullable<GraphCall['method']>,
  body?: object,
): Promise<Response> {
  switch (method) {
    case 'POST':
      return request.post(body ?? {});
    case 'PATCH':
      return request.patch(body ?? {});
    case 'DELETE':
      return request.delete();
    case 'GET':
      return request.get();
  }
}

const utf8 = new TextDecoder();

/** A body that is not the JSON it should be is an answer we cannot read; with a refusal the status decides. */
function read(
  response: Response,
  bytes: Buffer,
  { kind, clientRequestId, now }: { kind: RequestKind; clientRequestId: string; now: number },
): unknown {
  const text = utf8.decode(bytes);
  const { status, headers } = response;
  const body = parseJson(text);
  const header = (name: string): string | null => headers.get(name);
  if (!response.ok) throw classify({ status, header, clientRequestId, asked: kind, body }, now);
  if (text === '') return undefined;
  if (body === undefined) {
    throw new GraphProtocolError('answered with something else than JSON', {
      status,
      asked: kind,
      requestId: header('request-id'),
      clientRequestId,
      date: header('date'),
      diagnostic: header('x-ms-ags-diagnostic'),
    });
  }
  return body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
