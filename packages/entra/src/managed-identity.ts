import { ManagedIdentityApplication, type ManagedIdentityConfiguration } from '@azure/msal-node';

import { type TokenEndpointError, tokenNetwork } from './token-network.ts';

export interface ManagedIdentity extends Pick<ManagedIdentityConfiguration, 'clientCapabilities'> {
  /** of a user-assigned one; null: the system-assigned one */
  clientId: string | null;
  /** told why a request failed, because MSAL would make a text of it */
  onFailure: (error: TokenEndpointError) => void;
}

/** The identity of the machine, whose tokens come from the machine's own endpoint. */
export function managedIdentity({
  clientId,
  onFailure,
  ...more
}: ManagedIdentity): ManagedIdentityApplication {
  return new ManagedIdentityApplication({
    ...(clientId !== null && { managedIdentityIdParams: { userAssignedClientId: clientId } }),
    ...more,
    system: {
      networkClient: tokenNetwork({ onFailure }),
      // Whoever asks waits, and readiness says so: retries for a minute inside one call help nobody.
      disableInternalRetries: true,
    },
  });
}
