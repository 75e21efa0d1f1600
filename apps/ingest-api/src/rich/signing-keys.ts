import type { Clock } from '@ms1/runtime';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** The keys cannot be had at the moment, so nothing can be said about a token. */
export class SigningKeysUnavailableError extends Error {
  readonly code = 'signing_keys_unavailable';

  constructor(options: { cause?: unknown } = {}) {
    super('the signing keys cannot be had at the moment', options);
    this.name = 'SigningKeysUnavailableError';
  }
}

export interface SigningKeysOptions {
  /** origin of the token issuer, such as https://login.microsoftonline.com */
  authority: string;
  clock: Clock;
  fetch?: typeof fetch;
}

/**
 * ms between two attempts to fetch, whatever came of the last: made-up key ids must not become a storm
 * (docs/reliability.md#key-fetches)
 */
const FETCH_EVERY_MS = 300_000;
/** ms that fetched keys are trusted for; they rotate daily (docs/graph-contract.md#validation-tokens) */
const TRUST_MS = 24 * 3_600_000;
/** ms for each of two requests; whoever waits for them waits no longer than his own deadline */
const TIMEOUT_MS = 2_000;

/**
 * The keys that tokens of the authority are signed with, found by its OpenID configuration and kept. A
 * token's own words about where its key is (`jku`, `x5u`, `jwk`) are never followed.
 *
 * @throws {SigningKeysUnavailableError} from the function, when there are none
 * @throws {errors.JWKSNoMatchingKey} from the function, when none has the token's key id
 */
export function createSigningKeys(options: SigningKeysOptions): JWTVerifyGetKey {
  const { authority, clock } = options;
  const call = options.fetch ?? fetch;
  let keys: { find: ReturnType<typeof createLocalJWKSet>; until: number } | undefined;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | undefined;
  let lastError: unknown;

  const load = async (url: string): Promise<unknown> => {
    const response = await call(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
    return response.json();
  };
  const fetchKeys = async (): Promise<void> => {
    attemptedAt = clock.now();
    try {
      const about = (await load(`${authority}/common/.well-known/openid-configuration`)) as {
        jwks_uri?: unknown;
      };
      const uri = new URL(String(about.jwks_uri));
      // Keys of another host would be another's word for who signed.
      if (uri.origin !== new URL(authority).origin) throw new Error('its keys are elsewhere');
      const set = (await load(uri.href)) as JSONWebKeySet;
      keys = { find: createLocalJWKSet(set), until: clock.now() + TRUST_MS };
    } catch (error) {
      lastError = error;
    }
  };
  /** One fetch at a time, for all that wait for it. */
  const refresh = async (): Promise<void> => {
    if (!fetching && clock.now() - attemptedAt < FETCH_EVERY_MS) return;
    fetching ??= fetchKeys().finally(() => {
      fetching = undefined;
    });
    await fetching;
  };

  return async (header, token) => {
    if (!keys || clock.now() >= keys.until) await refresh();
    if (!keys || clock.now() >= keys.until) {
      throw new SigningKeysUnavailableError({ cause: lastError });
    }
    try {
      return await keys.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      return keys.find(header, token);
    }
  };
}
