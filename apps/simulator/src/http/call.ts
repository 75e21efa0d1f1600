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

/** What Graph had to read for an answer: it takes its time. */
interface Work {
  readonly messages: number;
  readonly attachments: number;
}

/** An answer. An object body is sent as JSON. The last three are what may happen to it instead. */
export interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: object | string | Buffer;
  readonly work?: Work;
  /** the connection is closed without an answer */
  readonly reset?: boolean;
  /** no answer ever comes */
  readonly hang?: boolean;
  /** ms between two bytes of the answer */
  readonly dripMs?: number;
}

export type Handler = (call: Call) => Reply | Promise<Reply>;
