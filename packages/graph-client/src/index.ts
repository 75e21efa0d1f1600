export type { Credential, GraphTenant } from './auth/credential.ts';
export type { TokenSource } from './auth/token-source.ts';
export { tokensOf } from './auth/tokens-of.ts';
export {
  GraphAuthError,
  GraphConflictError,
  GraphError,
  GraphForbiddenError,
  GraphItemNotFoundError,
  GraphMailboxError,
  GraphNotFoundError,
  GraphProtocolError,
  GraphQuotaError,
  GraphRequestError,
  GraphResetError,
  GraphThrottledError,
  GraphTimeoutError,
  GraphTransientError,
  GraphUnavailableError,
  GraphUnlistedError,
} from './errors/graph-error.ts';
export {
  type CreateGovernorOptions,
  createGovernor,
  type PermitSource,
} from './governor/create-governor.ts';
export type { CallPlan, Governor, Priority } from './governor/governor.ts';
export {
  type GovernorConfig,
  governorConfig,
  governorOptionsOf,
  limitsProblem,
  permitOptionsOf,
} from './governor/governor-config.ts';
export { createGraphClient, type GraphClient, type GraphClientOptions } from './graph-client.ts';
export { type GraphConfig, graphConfig } from './graph-config.ts';
export { createGraphMetrics, type GraphMetrics } from './graph-metrics.ts';
export type { IsListed } from './http/listed-only.ts';
export type { RequestKind } from './http/request-kind.ts';
export { type ConfiguredMailbox, mailboxConfig, mailboxSeed } from './mailbox-config.ts';
export type { FolderPage, PageMessage } from './messages/folder-page.ts';
export {
  type FolderRef,
  type MessageRef,
  subscriptionResource,
} from './messages/folder-paths.ts';
export { type GraphMessage, isWhole } from './messages/graph-message.ts';
export { isPlausible, timeOf } from './messages/graph-time.ts';
export type { MessageReader, ReadResult } from './messages/message-reader.ts';
export { mayBeOneMessage } from './messages/page-sizes.ts';
export type {
  DeltaRequest,
  FolderReader,
  ListRequest,
  RecentRequest,
} from './messages/read-folder.ts';
export { toMetadata } from './messages/to-metadata.ts';
export { notificationConfig } from './notification-config.ts';
export { certificateIdOf } from './rich/certificate-id.ts';
export { encryptionConfig } from './rich/encryption-config.ts';
export { toCompleteMetadata } from './rich/to-complete-metadata.ts';
export type {
  CreateSubscription,
  Subscription,
  Subscriptions,
} from './subscriptions/subscriptions.ts';
export {
  createGraphClients,
  type GraphClients,
  type GraphClientsOptions,
} from './tenants/graph-clients.ts';
export { credentialsProblem, graphTenants } from './tenants/graph-tenants.ts';
