import type { MiddlewareOptions } from '@microsoft/microsoft-graph-client';

/**
 * What one call carries past the SDK, which would take its path apart and put it together again in
 * another order (a delta link must go back byte for byte), and would turn an error of ours into one
 * of its own without the cause.
 */
export class Exchange implements MiddlewareOptions {
  /** path and query on the configured origin */
  readonly path: string;
  readonly signal: AbortSignal | undefined;
  /** why the chain failed, when it did */
  failure: unknown;
  /** of the answer, as it came: a Response would copy it twice to tell it */
  body: Buffer = Buffer.alloc(0);

  constructor(path: string, signal: AbortSignal | undefined) {
    this.path = path;
    this.signal = signal;
  }
}
