import type { Reply } from './call.ts';

export interface ProblemOptions {
  detail?: string;
  errors?: { pointer: string; code?: string; detail?: string }[];
  headers?: Record<string, string>;
}

/** An RFC 9457 answer, as MS4 and the control API give them. */
export function problem(status: number, title: string, options: ProblemOptions = {}): Reply {
  const { headers, ...rest } = options;
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: { type: 'about:blank', title, status, ...rest },
  };
}
