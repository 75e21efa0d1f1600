import type { INetworkModule, NetworkRequestOptions } from '@azure/msal-node';

/** ms; Entra answers within one second, a machine's own identity endpoint within a few */
const TIMEOUT_MS = 10_000;
/** A token is 2 KB, with hundreds of groups 20 KB. */
const BYTES_MAX = 1_000_000;

/** The token endpoint failed, which says nothing about our credential. */
export class TokenEndpointError extends Error {
  readonly code = 'token_endpoint';
  /** the header as it came */
  readonly retryAfter: string | null;

  constructor(what: string, retryAfter: string | null, cause?: unknown) {
    super(`token endpoint ${what}`, cause === undefined ? undefined : { cause });
    this.name = 'TokenEndpointError';
    this.retryAfter = retryAfter;
  }
}

export interface TokenNetworkOptions {
  /** the only one that is called; not given: the machine's own endpoint, which MSAL finds */
  origin?: string;
  /** told why a request failed, because MSAL would make a text of it */
  onFailure: (error: TokenEndpointError) => void;
  /** ms until the whole answer is there; default 10 s */
  timeoutMs?: number;
}

/**
 * Sends MSAL's requests, with a deadline and a bound, which MSAL lacks. It follows no redirect, which would carry the
 * secret to another host.
 */
export function tokenNetwork(options: TokenNetworkOptions): INetworkModule {
  const { origin, onFailure, timeoutMs = TIMEOUT_MS } = options;
  const send = async (url: string, method: string, request?: NetworkRequestOptions) => {
    try {
      if (origin !== undefined && new URL(url).origin !== origin) {
        throw new TokenEndpointError('is at another host than the configured one', null);
      }
      const response = await fetch(url, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        ...(request?.headers && { headers: request.headers }),
        ...(request?.body !== undefined && { body: request.body }),
      });
      const text = await textOf(response);
      const { status } = response;
      if (status >= 500 || status === 429) {
        throw new TokenEndpointError(`answered ${status}`, response.headers.get('retry-after'));
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
    sendGetRequestAsync: (url, request) => send(url, 'GET', request),
    sendPostRequestAsync: (url, request) => send(url, 'POST', request),
  };
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > BYTES_MAX) throw new TokenEndpointError('sends too large an answer', null);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
