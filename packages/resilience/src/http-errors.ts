/**
 * Had the request left when it failed? `false`: certainly not, so the service did nothing. `true`: it
 * had, an answer was already on its way. `'unknown'`: it was being written or awaited, so the service
 * may have acted on it. Only `false` is unambiguous.
 */
export type RequestSent = boolean | 'unknown';

/** The exchange took longer than the client's deadline. */
export class HttpTimeoutError extends Error {
  readonly code = 'http_timeout';
  readonly timeoutMs: number;
  readonly requestSent: RequestSent;

  constructor(client: string, timeoutMs: number, requestSent: RequestSent) {
    super(`${client}: no whole reply within ${timeoutMs} ms`);
    this.name = 'HttpTimeoutError';
    this.timeoutMs = timeoutMs;
    this.requestSent = requestSent;
  }
}

/** There was no connection, or it broke before the whole reply was here. */
export class HttpConnectionError extends Error {
  readonly code = 'http_connection';
  readonly requestSent: RequestSent;

  constructor(client: string, requestSent: RequestSent, cause: unknown) {
    const reason = (cause as { code?: unknown } | null)?.code;
    super(`${client}: connection failed${typeof reason === 'string' ? ` (${reason})` : ''}`, {
      cause,
    });
    this.name = 'HttpConnectionError';
    this.requestSent = requestSent;
  }
}

/** The reply was larger than the client accepts; it was cut off, so what the service did is not known. */
export class HttpResponseTooLargeError extends Error {
  readonly code = 'http_response_too_large';
  readonly requestSent: RequestSent = true;

  constructor(client: string, responseBytesMax: number) {
    super(`${client}: reply larger than ${responseBytesMax} bytes`);
    this.name = 'HttpResponseTooLargeError';
  }
}
