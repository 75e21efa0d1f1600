import { X509Certificate } from 'node:crypto';
import {
  type EntraApplication,
  entraApplication,
  federatedAssertion,
  type TokenEndpointError,
} from '@ms1/entra';
import type { Clock } from '@ms1/runtime';

import { cacheTokens, type FetchToken } from './cached-tokens.ts';
import type { Credential, GraphTenant } from './credential.ts';
import { tokenRefusal } from './token-refusal.ts';
import type { TokenSource } from './token-source.ts';

/** An application of Entra ID, which proves itself by a secret, a certificate or a federated token. */
export type EntraCredential = Extract<
  Credential,
  { clientId: string; kind: 'secret' | 'certificate' | 'federated' }
>;

/** App-only tokens by client credentials. MSAL does the protocol, {@link cacheTokens} the keeping. */
export function entraTokens(
  tenant: Pick<GraphTenant, 'tenantId' | 'authorityUrl' | 'scope'>,
  credential: EntraCredential,
  clock: Clock,
): TokenSource {
  const { tenantId, authorityUrl, scope } = tenant;
  let failure: TokenEndpointError | undefined;
  const onFailure = (error: TokenEndpointError): void => {
    failure = error;
  };
  const app = entraApplication({
    tenantId,
    authorityUrl,
    clientId: credential.clientId,
    // We understand a demand for claims, so tokens live longer and can be revoked (docs/graph-contract.md#tokens).
    clientCapabilities: ['cp1'],
    ...proofOf(credential, onFailure),
    onFailure,
  });

  const fetchToken: FetchToken = async (claims) => {
    failure = undefined;
    // skipCache: after a 401 MSAL would hand out the very token that was refused (docs/graph-contract.md#tokens).
    const request = { scopes: [scope], skipCache: true, ...(claims && { claims }) };
    const result = await app.acquireTokenByClientCredential(request).catch((error: unknown) => {
      throw tokenRefusal(credential.kind, error, failure);
    });
    if (!result?.accessToken) throw tokenRefusal(credential.kind, undefined, failure);
    // MSAL answers without an expiry only for tokens it did not fetch; one minute then.
    const expiresAt = result.expiresOn?.getTime() ?? clock.now() + 60_000;
    return { accessToken: result.accessToken, expiresAt };
  };
  return cacheTokens({ clock, fetch: fetchToken });
}

function proofOf(
  credential: EntraCredential,
  onFailure: (error: TokenEndpointError) => void,
): Partial<EntraApplication> {
  switch (credential.kind) {
    case 'secret':
      return { clientSecret: credential.secret };
    case 'certificate': {
      const { certificate, privateKey } = credential;
      const thumbprintSha256 = new X509Certificate(certificate).fingerprint256.replaceAll(':', '');
      // With the chain, so that a certificate that is trusted by its issuer may be rotated.
      return { clientCertificate: { thumbprintSha256, privateKey, x5c: certificate } };
    }
    case 'federated':
      return { clientAssertion: federatedAssertion(credential.tokenFile, onFailure) };
  }
}
