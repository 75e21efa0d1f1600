import type { Dispatcher } from 'undici';

import { decodeBody } from './decode-body.ts';
import type { HttpResponse } from './http-client.ts';
import {
  HttpConnectionError,
  HttpResponseTooLargeError,
  HttpTimeoutError,
  type RequestSent,
} from './http-errors.ts';

interface ExchangeOptions {
  name: string;
  timeoutMs: number;
  responseBytesMax: number;
  signal: AbortSignal | undefined;
  resolve: (response: HttpResponse) => void;
  reject: (error: unknown) => void;
}

/**
 * One request and its reply, as undici's dispatcher reports them. It settles exactly once, also when
 * the request still waits for a connection at its deadline: undici starts such a request later, and
 * it is then aborted before its first byte is written.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #sent: RequestSent = false;
  #settled = false;
  #status = 0;
  #headers: Record<string, string> = {};
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => {
      this.#fail(new HttpTimeoutError(options.name, options.timeoutMs, this.#sent));
    }, options.timeoutMs);
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(new Error('given up before it was sent'));
    else this.#sent = 'unknown';
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 1xx are announcements, the reply comes after them.
    if (status < 200) return;
    this.#sent = true;
    this.#status = status;
    this.#headers = flatten(headers);
    const announced = Number(this.#headers['content-length'] ?? 0);
    if (announced > this.#options.responseBytesMax) this.#tooLarge();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#options.responseBytesMax) this.#tooLarge();
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    const { name, responseBytesMax, resolve, reject } = this.#options;
    const answered = (body: Buffer) =>
      resolve({ status: this.#status, headers: this.#headers, body });
    const received = Buffer.concat(this.#chunks);
    const coding = this.#headers['content-encoding'];
    if (coding === undefined) return answered(received);
    decodeBody(received, coding, responseBytesMax).then(answered, () =>
      reject(new HttpResponseTooLargeError(name, responseBytesMax)),
    );
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(new HttpConnectionError(this.#options.name, this.#sent, error));
  }

  readonly #onAbort = (): void => this.#fail(this.#options.signal?.reason);

  #tooLarge(): void {
    this.#fail(new HttpResponseTooLargeError(this.#options.name, this.#options.responseBytesMax));
  }

  #fail(error: unknown): void {
    if (!this.#settle()) return;
    this.#chunks = [];
    this.#options.reject(error);
    // The connection is in the middle of a reply nobody reads: it cannot be used again.
    this.#controller?.abort(
      error instanceof Error ? error : new Error('aborted', { cause: error }),
    );
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    return true;
  }
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
