import type { Problem } from '@ms1/contracts';
import type { ErrorRequestHandler } from 'express';

import { ApiProblem } from './api-problem.ts';

/** Turns every error into problem details. Only what is ours is shown; the rest goes to `onError`. */
export function sendProblem(onError: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const problem = problemOf(error);
    if (problem.status >= 500) onError(error);
    if (problem.status === 401) res.set('WWW-Authenticate', 'Bearer');
    res.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
}

function problemOf(error: unknown): Problem {
  if (error instanceof ApiProblem) return error.problem;
  // body-parser's errors carry the status they stand for: 400 not JSON, 413 too large.
  const status = (error as { status?: unknown } | null)?.status;
  if (status === 400) return { title: 'The body is not JSON', status };
  if (status === 413) return { title: 'The body is too large', status };
  return { title: 'The console could not do this; its log says why', status: 500 };
}
