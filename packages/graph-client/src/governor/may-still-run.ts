import { HttpTimeoutError } from '@ms1/http-client';

import { GraphError, GraphTimeoutError } from '../errors/graph-error.ts';

/**
 * Whether Graph may still be at a call that failed: we stopped to wait for it, which Graph does not notice. An answer ends
 * it, and so does a line that broke; what never left us did not begin.
 */
export function mayStillRun(error: unknown, signal?: AbortSignal): boolean {
  if (!(error instanceof GraphError)) return signal?.aborted === true;
  const { cause } = error;
  const isUnsent = cause instanceof HttpTimeoutError && !cause.requestSent;
  return error instanceof GraphTimeoutError && error.status === null && !isUnsent;
}
