import type { Problem } from '@ms1/contracts';
import type { ErrorRequestHandler } from 'express';

import { ApiProblem } from './api-problem.ts';

export interface SendProblemOptions {
  /** resolves while Redis answers; asked only after something went wrong */
  ping: () => Promise<unknown>;
  onError: (error: unknown) => void;
}

/** Turns every error into problem details. Only what is ours is shown; the rest goes to `onError`. */
export function sendProblem({ ping, onError }: SendProblemOptions): ErrorRequestHandler {
  // Express knows a handler of errors by its four parameters.
  return async (error: unknown, _req, res, _next) => {
    if (res.headersSent) {
      // Cut off, so that nobody takes what they have for all of it.
      onError(error);
      res.destroy();
      return;
    }
    const problem = problemOf(error) ?? (await unexpected(ping));
    if (problem.status >= 500) onError(error);
    if (problem.status === 401) res.set('WWW-Authenticate', 'Bearer');
    if (problem.status === 503 || problem.status === 429) res.set('Retry-After', '5');
    res.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
}

/** Whether it was Redis is asked of Redis: its client's errors have no type to tell it by. */
async function unexpected(ping: () => Promise<unknown>): Promise<Problem> {
  try {
    await ping();
    return { title: 'The console could not do this; its log says why', status: 500 };
  } catch {
    return { title: 'Redis does not answer', status: 503 };
  }
}

/** What Redis answers, itself or through a script, while it is full, read-only, loading, or alone without its replicas. */
const TAKES_NO_WRITE =
  /^(?:ERR .*)?\b(?:OOM|MISCONF|READONLY|NOREPLICAS|MASTERDOWN|LOADING|CLUSTERDOWN)\b/;

function problemOf(error: unknown): Problem | undefined {
  if (error instanceof ApiProblem) return error.problem;
  if (TAKES_NO_WRITE.test((error as Error | null)?.message ?? '')) {
    return { title: 'Redis takes no write at the moment', status: 503 };
  }
  // body-parser's errors carry the status they stand for: 400 not JSON, 413 too large.
  const status = (error as { status?: unknown } | null)?.status;
  if (status === 400) return { title: 'The body is not JSON', status };
  if (status === 413) return { title: 'The body is too large', status };
  return undefined;
}
