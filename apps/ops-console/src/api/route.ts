import { z } from 'zod';

import type { Role } from '../auth/authenticate.ts';
import { invalidInput } from './api-problem.ts';

export interface Reply {
  status: number;
  body: unknown;
  /** instead of the body, for people */
  text?: string;
  /** path of what was created */
  location?: string;
}

/** One endpoint: what it takes, who may call it, what it answers. The schema validates and describes. */
export interface Route {
  method: 'get' | 'post';
  /** below `/api`, Express syntax */
  path: string;
  /** the least role that may call it: there is no default */
  policy: Role;
  /** of the JSON body, or of the query of a GET */
  input: z.ZodType;
  /** what of a POST's input the operator log keeps; default: all of it */
  logged?: (input: unknown) => unknown;
  handle(request: { params: Record<string, string>; input: unknown }): Promise<Reply>;
}

/** For endpoints that take nothing: extra fields are refused, as everywhere. */
export const NoInput = z.strictObject({});

/** Types an endpoint's handler by its schema; what does not parse never reaches it. */
export function defineRoute<T>(route: {
  method: Route['method'];
  path: string;
  policy: Role;
  input: z.ZodType<T>;
  logged?: (input: unknown) => unknown;
  handle(request: { params: Record<string, string>; input: T }): Promise<Reply>;
}): Route {
  return {
    ...route,
    async handle({ params, input }) {
      const parsed = route.input.safeParse(input);
      if (!parsed.success) throw invalidInput(parsed.error);
      return route.handle({ params, input: parsed.data });
    },
  };
}
