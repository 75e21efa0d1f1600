/** One service over HTTP, on a pool of keep-alive connections. */
export interface HttpClient {
  readonly name: string;
  /** scheme, host and port: every request goes there and nowhere else */
  readonly origin: string;
  /**
   * Sends one request and reads the whole reply. Any status is an answer, 3xx too: redirects are
   * never followed, because the credentials in the headers are meant for this origin only.
   *
   * @throws {HttpTimeoutError} when the whole exchange took longer than the deadline
   * @throws {HttpConnectionError} when there is no (whole) reply
   * @throws {HttpResponseTooLargeError}
   * @throws the signal's reason when it aborts
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Waits for requests in flight, then closes the connections. */
  close(): Promise<void>;
}

export interface HttpClientOptions {
  /** whom it talks to, for errors and metrics, e.g. `ms4` */
  name: string;
  /** scheme, host and port, checked by `requireSecureOrigin` */
  origin: string;
  /** connections at most; a request beyond it waits for one inside its deadline */
  connections: number;
  /** ms for one exchange from the call to the last byte, waiting for a connection included */
  timeoutMs: number;
  /** a larger reply, packed or unpacked, is an error. A misbehaving server must not be able to fill our memory */
  responseBytesMax: number;
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
