import { entraApplication, type TokenEndpointError } from '@ms1/entra';

import type { Ms4Auth } from './ms4-auth.ts';
import { Ms4AuthError } from './ms4-errors.ts';

export interface EntraAuthOptions {
  tenantId: string;
  clientId: string;
  clientSecret: string;
  /** of MS4's app registration, such as `api://ms4/.default` */
  scope: string;
  /** scheme and host of the cloud's token endpoint */
  authorityUrl: string;
}

/**
 * A bearer token from Entra by client credentials. MSAL does the protocol and keeps the token until
 * shortly before it expires.
 */
export function entraAuth(options: EntraAuthOptions): Ms4Auth {
  const { scope, ...application } = options;
  let failure: TokenEndpointError | undefined;
  const app = entraApplication({
    ...application,
    onFailure: (error) => {
      failure = error;
    },
  });
  let last = '';

  /** @param skipCache after a 401 MSAL would hand out the very token that was refused */
  const acquire = async (skipCache: boolean): Promise<string> => {
    failure = undefined;
    const request = { scopes: [scope], skipCache };
    const result = await app
      .acquireTokenByClientCredential(request)
      // MSAL's message holds ids of ours and the endpoint's words, never the secret.
      .catch((cause: unknown) => {
        throw new Ms4AuthError(null, failure ?? cause);
      });
    if (!result?.accessToken) throw new Ms4AuthError(null);
    last = result.accessToken;
    return last;
  };

  return {
    headers: async () => ({ authorization: `Bearer ${await acquire(false)}` }),
    refresh: async () => {
      const refused = last;
      return (await acquire(true)) !== refused;
    },
  };
}
