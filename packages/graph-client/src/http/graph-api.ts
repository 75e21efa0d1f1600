import { randomUUID } from 'node:crypto';
import { Client, type GraphRequest, ResponseType } from '@microsoft/microsoft-graph-client';
import type { HttpClient } from '@ms1/http-client';
import type { Clock } from '@ms1/runtime';

import type { TokenSource } from '../auth/token-source.ts';
import { classify } from '../errors/classify.ts';
import { GraphProtocolError } from '../errors/graph-error.ts';
import { Call, type CallOptions } from './call.ts';
import { ListedHandler, type ListedHandlerOptions } from './listed-handler.ts';
import { PinnedLinks } from './pinned-links.ts';
import { TokenHandler } from './token-handler.ts';
import { UndiciHandler } from './undici-handler.ts';

/** The base URL may have a slash at its end. */
export interface GraphApiOptions extends ListedHandlerOptions {
  http: Pick<HttpClient, 'request' | 'origin'>;
  tokens: TokenSource;
  clock: Clock;
}

/** Such as `(request) => request.query({ $top: 1 }).get()`. The SDK encodes no value of a query. */
export type SendRequest = (request: GraphRequest) => Promise<Response>;

/**
 * Graph of one tenant, through Microsoft's client with a chain of our own. Its handlers for retries and redirects are
 * left out: retries are the policy's and the queue's, and a redirect would carry the token to another host
 * (docs/decisions/graph-sdk.md).
 *
 * Every call answers with the parsed JSON (undefined for an empty body) or throws a GraphError, or its signal's reason.
 */
export class GraphApi {
  readonly links: PinnedLinks;
  readonly #client: Client;
  readonly #clock: Clock;

  constructor({ baseUrl, http, tokens, clock, ...listed }: GraphApiOptions) {
    this.links = new PinnedLinks(baseUrl);
    this.#clock = clock;
    const [, parent = '', version = ''] = /^(.*?)\/([^/]*)$/.exec(this.links.root) ?? [];
    this.#client = Client.initWithMiddleware({
      baseUrl: `${this.links.origin}${parent}`,
      defaultVersion: version,
      middleware: [
        new ListedHandler({ ...listed, baseUrl: this.links.baseUrl }),
        new TokenHandler(tokens),
        new UndiciHandler(http),
      ],
    });
  }

  /**
   * @param path below the version, such as `/users/{id}/messages`
   * @param search a query that goes as it is, byte for byte
   */
  async call(path: string, options: CallOptions, send: SendRequest, search = ''): Promise<unknown> {
    const { pageSize, onReceived, signal } = options;
    signal?.throwIfAborted();
    const call = new Call(options, search);
    const clientRequestId = randomUUID();
    const request = this.#client
      .api(path)
      .headers({
        accept: 'application/json',
        prefer: prefer(pageSize),
        'client-request-id': clientRequestId,
      })
      .middlewareOptions([call])
      .responseType(ResponseType.RAW);
    const response = await send(request).catch((error: unknown) => {
      throw call.failure ?? error;
    });
    onReceived?.(call.received.length);
    return read(response, call, clientRequestId, this.#clock.now());
  }

  /**
   * Gets what a nextLink or deltaLink leads to.
   *
   * @throws {GraphForeignLinkError} before anything is sent
   */
  async follow(link: string, options: CallOptions, mailboxId?: string): Promise<unknown> {
    const { path, search } = this.links.toPath(link, mailboxId);
    return this.call(path, options, (request) => request.get(), search);
  }
}

/**
 * Prefer header of every call that takes or returns ids. One call without it gets ids of the mutable
 * kind, and its messages would be other messages (docs/graph-contract.md#immutable-ids). Combined in one header,
 * because a second one would overwrite the first.
 */
export function prefer(pageSize?: number): string {
  const ids = 'IdType="ImmutableId"';
  return pageSize === undefined ? ids : `${ids}, odata.maxpagesize=${pageSize}`;
}

const utf8 = new TextDecoder();

/** A body that is not the JSON it should be is an answer we cannot read; with a refusal the status decides. */
function read(
  { ok, status, headers }: Response,
  { received, options }: Call,
  clientRequestId: string,
  now: number,
): unknown {
  const text = utf8.decode(received);
  const asked = options.kind;
  const body = parseJson(text);
  const header = (name: string): string | null => headers.get(name);
  if (!ok) throw classify({ status, header, clientRequestId, asked, body }, now);
  if (text === '') return undefined;
  if (body === undefined) {
    throw new GraphProtocolError('answered with something other than JSON', {
      status,
      asked,
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
