/** The call took longer than the client's deadline. */
export class HttpTimeoutError extends Error {
  readonly code = 'http_timeout';
  /** false: it still waited for a connection, so nothing of it left us. true: the service may have acted on it */
  readonly requestSent: boolean;

  constructor(client: string, timeoutMs: number, requestSent: boolean) {
    super(`${client}: no whole reply within ${timeoutMs} ms`);
    this.name = 'HttpTimeoutError';
    this.requestSent = requestSent;
  }
}

/** There was no connection, or it broke before the whole reply had arrived. */
export class HttpConnectionError extends Error {
  readonly code = 'http_connection';

  constructor(client: string, cause: unknown) {
    const reason = (cause as { code?: unknown } | null)?.code;
    super(`${client}: connection failed${typeof reason === 'string' ? ` (${reason})` : ''}`, {
      cause,
    });
    this.name = 'HttpConnectionError';
  }
}

/** The reply was larger than the client accepts. It was cut off, so nobody knows what the service did. */
export class HttpResponseTooLargeError extends Error {
  readonly code = 'http_response_too_large';

  constructor(client: string, responseBytesMax: number) {
    super(`${client}: reply larger than ${responseBytesMax} bytes`);
    this.name = 'HttpResponseTooLargeError';
  }
}
