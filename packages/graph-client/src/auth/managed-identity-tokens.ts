import { managedIdentity, type TokenEndpointError } from '@ms1/entra';
import type { Clock } from '@ms1/runtime';

import { cacheTokens, type FetchToken } from './cached-tokens.ts';
import { tokenRefusal } from './token-refusal.ts';
import type { TokenSource } from './token-source.ts';

/**
 * Tokens of the identity that the platform gave this machine. MSAL finds its endpoint by the platform's
 * own variables (`IDENTITY_ENDPOINT` and others), and without them at the address of a virtual machine's.
 *
 * @param clientId of a user-assigned identity; null: the system-assigned one
 * @param scope such as https://graph.microsoft.com/.default
 */
export function managedIdentityTokens(
  clientId: string | null,
  scope: string,
  clock: Clock,
): TokenSource {
  let failure: TokenEndpointError | undefined;
  const app = managedIdentity({
    clientId,
    clientCapabilities: ['cp1'],
    onFailure: (error) => {
      failure = error;
    },
  });
  const fetchToken: FetchToken = async (claims) => {
    failure = undefined;
    const request = { resource: scope, forceRefresh: true, ...(claims && { claims }) };
    const result = await app.acquireToken(request).catch((error: unknown) => {
      throw tokenRefusal('managedIdentity', error, failure);
    });
    const expiresAt = result.expiresOn?.getTime() ?? clock.now() + 60_000;
    return { accessToken: result.accessToken, expiresAt };
  };
  return cacheTokens({ clock, fetch: fetchToken });
}
