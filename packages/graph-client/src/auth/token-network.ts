import type { INetworkModule, NetworkRequestOptions } from '@azure/msal-node';

import { retryAfterMs as waitOf } from '../errors/retry-after.ts';

/** ms; Entra answers within one second, a machine's own identity endpoint within a few */
const TIMEOUT_MS = 10_000;

/** The token endpoint is not well: says nothing about our credential. */
export class TokenEndpointError extends Error {
  readonly code = 'token_endpoint';
  /** ms to wait; null when it named none */
  readonly retryAfterMs: number | null;

  constructor(what: string, retryAfterMs: number | null, cause?: unknown) {
    super(`token endpoint ${what}`, cause === undefined ? undefined : { cause });
    this.name = 'TokenEndpointError';
    this.retryAfterMs = retryAfterMs;
  }
}

export interface TokenNetworkOptions {
  /** the only one that is called; not given: the machine's own endpoint, which MSAL finds */
  origin?: string;
  /** told why a request failed, because MSAL would make a text of it */
  onFailure: (error: TokenEndpointError) => void;
}

/**
 * Carries MSAL's requests: with a deadline, which MSAL's own has none of, and without following a
 * redirect, which would carry the secret to another host.
 */
export function tokenNetwork({ origin, onFailure }: TokenNetworkOptions): INetworkModule {
  const send = async (url: string, method: string, options?: NetworkRequestOptions) => {
    try {
      if (origin !== undefined && new URL(url).origin !== origin) {
        throw new TokenEndpointError('is elsewhere than configured', null);
      }
      const response = await fetch(url, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(options?.headers && { headers: options.headers }),
        ...(options?.body !== undefined && { body: options.body }),
      });
      const text = await response.text();
      const { status } = response;
      if (status >= 500 || status === 429) {
        const waitMs = waitOf(response.headers.get('retry-after'), Date.now());
        throw new TokenEndpointError(`answered ${status}`, waitMs);
      }
      const headers = Object.fromEntries(response.headers);
      return { headers, body: JSON.parse(text), status };
    } catch (cause) {
      const error =
        cause instanceof TokenEndpointError
          ? cause
          : new TokenEndpointError('does not answer', null, cause);
      onFailure(error);
      throw error;
    }
  };
  return {
    sendGetRequestAsync: (url, options) => send(url, 'GET', options),
    sendPostRequestAsync: (url, options) => send(url, 'POST', options),
  };
}
