import type { Context, MiddlewareOptions } from '@microsoft/microsoft-graph-client';

import type { RequestKind } from './request-kind.ts';

export interface CallOptions {
  /** what it is for */
  kind: RequestKind;
  /** how many requests Graph counts for it; default one */
  requests?: number;
  /** messages a page, by preference */
  pageSize?: number | undefined;
  /** told the bytes of the answer, whatever it says */
  onReceived?: ((bytes: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** What a call carries along the chain, for which the SDK has no place. */
export class Call implements MiddlewareOptions {
  readonly options: CallOptions;
  /** the query of a link, byte for byte: the SDK would put its parameters into an order of its own */
  readonly search: string;
  /** of the answer, as it came: a Response would copy it twice to tell it */
  received: Buffer = Buffer.alloc(0);
  /** why the chain failed: the SDK throws an error of its own instead, without class and cause */
  failure: unknown;

  constructor(options: CallOptions, search: string) {
    this.options = options;
    this.search = search;
  }
}

export function callOf(context: Context): Call {
  return context.middlewareControl?.getMiddlewareOptions(Call) as Call;
}

/** As it is sent. */
export function urlOf(context: Context): string {
  return `${String(context.request)}${callOf(context).search}`;
}
