import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import * as client from 'openid-client';

import { ApiProblem } from '../../api/api-problem.ts';

export interface IdentityProviderOptions {
  /** as tokens name it; its configuration is below it. http:// on loopback only */
  issuer: string;
  /** of the app registration of this console */
  clientId: string;
  /** absent: no login in the browser, only bearer tokens */
  clientSecret?: string | undefined;
  /** ms between two looks for new keys when a token names one that is not known; default 30 s */
  keysCooldownMs?: number;
}

/** What the provider says of itself, and its keys. */
export interface KnownProvider {
  configuration: client.Configuration;
  keys: JWTVerifyGetKey;
}

/** Seconds that the provider has to answer. */
const TIMEOUT_SECONDS = 10;
const KEYS_MAX_AGE_MS = 10 * 60_000;

/**
 * The OpenID Connect provider, asked about itself when somebody first comes with a token of it: a console
 * starts without it, and whoever has another way in is not held up by it.
 */
export class IdentityProvider {
  readonly #options: IdentityProviderOptions;
  #known: Promise<KnownProvider> | undefined;

  constructor(options: IdentityProviderOptions) {
    this.#options = options;
  }

  /** @throws {ApiProblem} 503 while it does not answer, or not as a provider does */
  async known(): Promise<KnownProvider> {
    this.#known ??= this.#discover();
    try {
      return await this.#known;
    } catch {
      // Asked again the next time: that it was down is not a reason to stay closed.
      this.#known = undefined;
      throw unreachable();
    }
  }

  async #discover(): Promise<KnownProvider> {
    const { issuer, clientId, clientSecret, keysCooldownMs = 30_000 } = this.#options;
    const loopback = new URL(issuer).protocol === 'http:';
    const configuration = await client.discovery(
      new URL(issuer),
      clientId,
      {},
      clientSecret === undefined ? client.None() : client.ClientSecretPost(clientSecret),
      { timeout: TIMEOUT_SECONDS, ...(loopback && { execute: [client.allowInsecureRequests] }) },
    );
    // The ID token's signature is verified too, though it comes from the provider itself.
    client.enableNonRepudiationChecks(configuration);
    const { jwks_uri } = configuration.serverMetadata();
    if (jwks_uri === undefined) throw new TypeError('the provider names no keys');
    if (!loopback && new URL(jwks_uri).protocol !== 'https:') throw new TypeError('keys by http');
    const keys = createRemoteJWKSet(new URL(jwks_uri), {
      timeoutDuration: TIMEOUT_SECONDS * 1_000,
      cooldownDuration: keysCooldownMs,
      cacheMaxAge: KEYS_MAX_AGE_MS,
    });
    return { configuration, keys };
  }
}

export function unreachable(): ApiProblem {
  const title = 'The identity provider does not answer';
  return new ApiProblem({ type: 'identity_provider', title, status: 503 });
}
