import type { Clock, TrustedNetwork } from '@ms1/runtime';

import type { GraphTenant } from './credential.ts';
import { entraTokens } from './entra-tokens.ts';
import { managedIdentityTokens } from './managed-identity-tokens.ts';
import { staticToken } from './static-token.ts';
import type { TokenSource } from './token-source.ts';

/** The source of a tenant's tokens. */
export function tokensOf(tenant: GraphTenant, clock: Clock, trusted?: TrustedNetwork): TokenSource {
  const { credential, baseUrl, scope } = tenant;
  switch (credential.kind) {
    case 'static':
      return staticToken(credential.token, baseUrl, trusted);
    case 'managedIdentity':
      return managedIdentityTokens(credential.clientId, scope, clock);
    case 'secret':
    case 'certificate':
    case 'federated':
      return entraTokens(tenant, credential, clock);
  }
}
