import { isOwn, type TrustedNetwork } from '@ms1/runtime';

import type { TokenSource } from './token-source.ts';

class StaticTokenError extends Error {
  readonly code = 'static_token_refused';

  constructor() {
    super('GRAPH_STATIC_TOKEN is for a simulator on loopback or in TRUSTED_NETWORK');
    this.name = 'StaticTokenError';
  }
}

/**
 * One token that never changes, for a simulator on this machine or in a trusted network.
 *
 * @throws {StaticTokenError} when Graph is elsewhere: a token that never expires would be a
 *   credential to steal
 */
export function staticToken(token: string, baseUrl: string, trusted?: TrustedNetwork): TokenSource {
  if (!isOwn(baseUrl, trusted)) throw new StaticTokenError();
  return { token: async () => token, drop: () => undefined };
}
