import type { Problem } from '@ms1/contracts';
import type { z } from 'zod';

/** An answer other than success, as RFC 9457 problem details. Its texts hold nothing that a caller sent. */
export class ApiProblem extends Error {
  readonly code = 'api_problem';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.name = 'ApiProblem';
    this.problem = problem;
  }
}

/** 400 with a JSON pointer to each field that does not fit. */
export function invalidInput(error: z.ZodError): ApiProblem {
  return new ApiProblem({
    title: 'The request does not have the expected form',
    status: 400,
    errors: error.issues.map(({ path, code, message }) => ({
      pointer: path.map((part) => `/${String(part)}`).join(''),
      code,
      detail: message,
    })),
  });
}
