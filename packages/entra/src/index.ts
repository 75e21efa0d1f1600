export { type EntraApplication, entraApplication } from './entra-application.ts';
export { TokenEndpointError, tokenNetwork } from './token-network.ts';
