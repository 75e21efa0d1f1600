import type { TokenSource } from './token-source.ts';

class StaticTokenError extends Error {
  readonly code = 'static_token_refused';

  constructor() {
    super('GRAPH_STATIC_TOKEN is for a simulator on loopback: GRAPH_BASE_URL is not on loopback');
    this.name = 'StaticTokenError';
  }
}

/**
 * One token that never changes, for a simulator on this machine.
 *
 * @throws {StaticTokenError} when Graph is not on loopback: a token that never expires would be a
 *   credential to steal
 */
export function staticToken(token: string, baseUrl: string): TokenSource {
  if (!isLoopback(baseUrl)) throw new StaticTokenError();
  return { token: async () => token, drop: () => undefined };
}

export function isLoopback(url: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(url).hostname);
}
