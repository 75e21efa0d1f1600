export type { TokenSource } from './auth/token-source.ts';
export {
  GraphAuthError,
  GraphConflictError,
  GraphError,
  GraphForbiddenError,
  GraphMailboxError,
  GraphNotFoundError,
  GraphProtocolError,
  GraphRequestError,
  GraphResetError,
  GraphThrottledError,
  GraphTransientError,
  GraphUnavailableError,
} from './errors/graph-error.ts';
export {
  type CreateGovernorOptions,
  createGovernor,
  type PermitSource,
} from './governor/create-governor.ts';
export type { Governor } from './governor/governor.ts';
export { createGraphClient, type GraphClient, type GraphClientOptions } from './graph-client.ts';
export {
  credentialsProblem,
  type GraphConfig,
  graphConfig,
  tokenSourceOf,
} from './graph-config.ts';
export { type ConfiguredMailbox, mailboxConfig } from './mailbox-config.ts';
export type { FolderPage, PageMessage } from './messages/folder-page.ts';
export {
  type FolderRef,
  type MessageRef,
  subscriptionResource,
} from './messages/folder-paths.ts';
export type { GraphMessage } from './messages/graph-message.ts';
export type { MessageReader, ReadResult } from './messages/message-reader.ts';
export type { DeltaRequest, FolderReader, ListRequest } from './messages/read-folder.ts';
export { toMetadata } from './messages/to-metadata.ts';
export { notificationConfig } from './notification-config.ts';
export type {
  CreateSubscription,
  Subscription,
  Subscriptions,
} from './subscriptions/subscriptions.ts';
