import type { Context, Middleware } from '@microsoft/microsoft-graph-client';

import { claimsChallenge } from '../auth/claims-challenge.ts';
import type { TokenSource } from '../auth/token-source.ts';

/**
 * Puts the token on each call. A 401 drops the token and the call is made once more with a fresh one:
 * a cache that keeps a revoked token wedges a process until its restart (docs/graph-contract.md#tokens).
 */
export class TokenHandler implements Middleware {
  readonly #tokens: TokenSource;
  #next: Middleware | undefined;

  constructor(tokens: TokenSource) {
    this.#tokens = tokens;
  }

  setNext(next: Middleware): void {
    this.#next = next;
  }

  async execute(context: Context): Promise<void> {
    const refused = await this.#send(context);
    if (context.response?.status !== 401) return;
    const challenge = context.response.headers.get('www-authenticate');
    this.#tokens.drop(refused, claimsChallenge(challenge));
    await this.#send(context);
  }

  async #send(context: Context): Promise<string> {
    const token = await this.#tokens.token();
    const headers = context.options?.headers as Record<string, string>;
    context.options = {
      ...context.options,
      headers: { ...headers, authorization: `Bearer ${token}` },
    };
    await this.#next?.execute(context);
    return token;
  }
}
