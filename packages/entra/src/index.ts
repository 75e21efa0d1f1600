export { type EntraApplication, entraApplication } from './entra-application.ts';
export { federatedAssertion } from './federated-assertion.ts';
export { managedIdentity } from './managed-identity.ts';
export { TokenEndpointError } from './token-network.ts';
