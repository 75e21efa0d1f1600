/** How the application proves who it is. Exactly one for a tenant. */
export type Credential =
  | { kind: 'secret'; clientId: string; secret: string }
  /** PEM: the certificate, with its chain where there is one, and its RSA private key */
  | { kind: 'certificate'; clientId: string; certificate: string; privateKey: string }
  /** workload identity: a token that the platform keeps fresh in a file */
  | { kind: 'federated'; clientId: string; tokenFile: string }
  /** of the machine; null: the system-assigned one */
  | { kind: 'managedIdentity'; clientId: string | null }
  /** for a simulator on loopback */
  | { kind: 'static'; token: string };

/** A tenant whose mailboxes are read, with its own credential. */
export interface GraphTenant {
  /** GUID, lower case */
  tenantId: string;
  /** Graph with its version */
  baseUrl: string;
  /** where tokens come from: scheme and host */
  authorityUrl: string;
  /** what tokens are asked for */
  scope: string;
  credential: Credential;
}
