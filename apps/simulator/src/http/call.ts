import type { IncomingHttpHeaders } from 'node:http';

/** One request, read whole. The same shape serves an HTTP request and an item of a `$batch`. */
export interface Call {
  readonly method: string;
  /** without the query, percent-encoding kept */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** scheme, host and port the client used, for the links in answers */
  readonly origin: string;
}

/** An answer. An object body is sent as JSON; `reset` closes the connection without answering. */
export interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: object | string | Buffer;
  readonly reset?: boolean;
}

export type Handler = (call: Call) => Reply | Promise<Reply>;
