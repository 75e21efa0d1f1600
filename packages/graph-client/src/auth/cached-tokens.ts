import type { Clock } from '@ms1/runtime';

import type { TokenSource } from './token-source.ts';

interface FetchedToken {
  accessToken: string;
  /** ms since the epoch */
  expiresAt: number;
}

/** @param claims that the next token has to carry, as JSON */
export type FetchToken = (claims?: string) => Promise<FetchedToken>;

export interface CachedTokensOptions {
  fetch: FetchToken;
  clock: Clock;
  /** ms before its expiry from which a token is renewed; default 5 min */
  earlyMs?: number;
}

/**
 * Keeps one token and fetches at most one at a time, however many calls ask. A token is renewed early,
 * and a renewal that fails is no harm as long as the old token still lives.
 */
export function cacheTokens({ fetch, clock, earlyMs = 300_000 }: CachedTokensOptions): TokenSource {
  let cached: FetchedToken | undefined;
  let fetching: Promise<FetchedToken> | undefined;
  let demanded: string | undefined;

  const renew = (): Promise<FetchedToken> => {
    fetching ??= fetch(demanded)
      .then((token) => {
        cached = token;
        demanded = undefined;
        return token;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };

  return {
    async token() {
      const current = cached;
      const now = clock.now();
      if (current && now < current.expiresAt - earlyMs) return current.accessToken;
      try {
        return (await renew()).accessToken;
      } catch (error) {
        if (current && current === cached && clock.now() < current.expiresAt) {
          return current.accessToken;
        }
        throw error;
      }
    },
    drop(token, claims) {
      if (cached?.accessToken !== token) return;
      cached = undefined;
      demanded = claims;
    },
  };
}
