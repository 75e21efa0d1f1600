import { ConfidentialClientApplication, type INetworkModule, ServerError } from '@azure/msal-node';
import type { Clock } from '@ms1/runtime';

import { GraphAuthError, GraphTransientError } from '../errors/graph-error.ts';
import { cacheTokens } from './cached-tokens.ts';
import type { TokenSource } from './token-source.ts';

export interface ClientSecretTokensOptions {
  tenantId: string;
  clientId: string;
  clientSecret: string;
  /** Graph with its version; its host decides the scope and the cloud's token host */
  baseUrl: string;
  clock: Clock;
  /** carries MSAL's requests; default: MSAL's own HTTP client */
  network?: INetworkModule;
}

/** Token hosts of the clouds by Graph host (Graph contract 9). Tokens are not interchangeable. */
const TOKEN_HOSTS: Readonly<Record<string, string>> = {
  'graph.microsoft.com': 'login.microsoftonline.com',
  'graph.microsoft.us': 'login.microsoftonline.us',
  'dod-graph.microsoft.us': 'login.microsoftonline.us',
  'microsoftgraph.chinacloudapi.cn': 'login.chinacloudapi.cn',
};

/** App-only tokens by client credentials. MSAL does the protocol, {@link cacheTokens} the keeping. */
export function clientSecretTokens(options: ClientSecretTokensOptions): TokenSource {
  const { tenantId, clientId, clientSecret, baseUrl, clock, network } = options;
  const { host, origin } = new URL(baseUrl);
  const tokenHost = TOKEN_HOSTS[host] ?? 'login.microsoftonline.com';
  const app = new ConfidentialClientApplication({
    auth: { clientId, clientSecret, authority: `https://${tokenHost}/${tenantId}` },
    ...(network && { system: { networkClient: network } }),
  });
  return cacheTokens({
    clock,
    async fetch() {
      // skipCache: after a 401 MSAL would hand out the very token that was refused (Graph contract 11.19).
      const result = await app
        .acquireTokenByClientCredential({ scopes: [`${origin}/.default`], skipCache: true })
        .catch((error: unknown) => {
          throw refused(error);
        });
      if (!result?.accessToken) throw refused(undefined);
      // MSAL answers without an expiry only for tokens it did not fetch; one minute then.
      const expiresAt = result.expiresOn?.getTime() ?? clock.now() + 60_000;
      return { accessToken: result.accessToken, expiresAt };
    },
  });
}

/** The token endpoint's own answer (a ServerError) means our credential; anything else is the way to it. */
function refused(cause: unknown): Error {
  if (cause instanceof ServerError) {
    const facts = { status: 401, graphCode: cause.errorCode, cause };
    return new GraphAuthError('gives no token for our credential', facts);
  }
  return new GraphTransientError('token endpoint does not answer', { status: null, cause });
}
