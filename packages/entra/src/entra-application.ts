import { ConfidentialClientApplication, type NodeAuthOptions } from '@azure/msal-node';

import { type TokenEndpointError, tokenNetwork } from './token-network.ts';

export interface EntraApplication
  extends Pick<
    NodeAuthOptions,
    'clientId' | 'clientSecret' | 'clientCertificate' | 'clientAssertion' | 'clientCapabilities'
  > {
  tenantId: string;
  /** scheme and host of the cloud's token endpoint: nothing else is ever called */
  authorityUrl: string;
  /** told why a request failed, because MSAL would make a text of it */
  onFailure: (error: TokenEndpointError) => void;
}

/** An application of Entra ID with a secret, a certificate or an assertion. MSAL speaks the protocol. */
export function entraApplication(options: EntraApplication): ConfidentialClientApplication {
  const { tenantId, authorityUrl, onFailure, ...proof } = options;
  const { origin, host } = new URL(authorityUrl);
  return new ConfidentialClientApplication({
    auth: {
      authority: `${origin}/${tenantId}`,
      // Told instead of asked for: no request goes anywhere but to the token endpoint of this host.
      knownAuthorities: [host],
      authorityMetadata: endpointsOf(origin, tenantId),
      ...proof,
    },
    system: { networkClient: tokenNetwork({ origin, onFailure }) },
  });
}

function endpointsOf(origin: string, tenantId: string): string {
  const base = `${origin}/${tenantId}`;
  return JSON.stringify({
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
  });
}
