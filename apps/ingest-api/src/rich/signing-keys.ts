import type { Clock } from '@ms1/runtime';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';

/** The keys are not available at the moment, so no token can be judged. */
export class SigningKeysUnavailableError extends Error {
  readonly code = 'signing_keys_unavailable';

  constructor(options: { cause?: unknown } = {}) {
    super('the signing keys are not available at the moment', options);
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
/** ms for both requests; whoever waits for them waits no longer than his own deadline */
const TIMEOUT_MS = 4_000;

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
  let failed: { at: number; error: unknown } | undefined;

  const load = async (url: string, signal: AbortSignal): Promise<unknown> => {
    const response = await call(url, { redirect: 'error', signal });
    if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
    return response.json();
  };
  const fetchKeys = async (about: string, signal: AbortSignal): Promise<Response> => {
    const { jwks_uri } = (await load(about, signal)) as { jwks_uri?: unknown };
    const uri = new URL(String(jwks_uri));
    // Keys of another host would be another's word for who signed.
    if (uri.origin !== new URL(authority).origin) throw new Error('its keys are elsewhere');
    const set = await load(uri.href, signal);
    // What is no set of keys is a failure like any other.
    createLocalJWKSet(set as JSONWebKeySet);
    return Response.json(set);
  };

  return createRemoteJWKSet(new URL(`${authority}/common/.well-known/openid-configuration`), {
    cooldownDuration: FETCH_EVERY_MS,
    cacheMaxAge: TRUST_MS,
    timeoutDuration: TIMEOUT_MS,
    // It waits after a success alone, and asks again at once after a failure.
    [customFetch]: async (url, { signal }) => {
      if (failed && clock.now() - failed.at < FETCH_EVERY_MS) {
        throw new SigningKeysUnavailableError({ cause: failed.error });
      }
      try {
        return await fetchKeys(url, signal);
      } catch (error) {
        failed = { at: clock.now(), error };
        throw new SigningKeysUnavailableError({ cause: error });
      }
    },
  });
}
