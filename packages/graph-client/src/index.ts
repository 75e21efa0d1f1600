export type { Credential } from './auth/credential.ts';
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
  GraphTransientError,
  GraphUnavailableError,
  GraphUnlistedError,
} from './errors/graph-error.ts';
export type { Governor } from './governor/governor.ts';
export {
  type GovernorConfig,
  governorConfig,
  limitsProblem,
  permitOptionsOf,
} from './governor/governor-config.ts';
export { MailboxGovernor, type MailboxGovernorOptions } from './governor/mailbox-governor.ts';
export { GraphClient } from './graph-client.ts';
export { type GraphConfig, graphConfig } from './graph-config.ts';
export { createGraphMetrics } from './graph-metrics.ts';
export { UNNAMED } from './headers/authentication-of.ts';
export { type HeaderFacts, judgeHeaders } from './headers/judge-headers.ts';
export { mailboxConfig, mailboxSeed } from './mailbox-config.ts';
export type { ExpandedMessages } from './messages/expanded-messages.ts';
export type {
  ExpandedPage,
  ExpandedPageRequest,
  ExpandedPages,
} from './messages/expanded-pages.ts';
export type { FolderPage, PageMessage } from './messages/folder-page.ts';
export type { FolderReader, ListRequest } from './messages/folder-reader.ts';
export { type GraphMessage, isWhole } from './messages/graph-message.ts';
export { isPlausible, timeOf } from './messages/graph-time.ts';
export type { MessageReader, ReadResult } from './messages/message-reader.ts';
export { mayBeOneMessage } from './messages/page-sizes.ts';
export { toMetadata } from './messages/to-metadata.ts';
export { notificationConfig } from './notification-config.ts';
export { certificateIdOf } from './rich/certificate-id.ts';
export { encryptionConfig } from './rich/encryption-config.ts';
export { toCompleteMetadata } from './rich/to-complete-metadata.ts';
export type { Subscription, Subscriptions } from './subscriptions/subscriptions.ts';
export { credentialEnds } from './tenants/credential-ends.ts';
export { GraphClients, type GraphClientsOptions } from './tenants/graph-clients.ts';
export { credentialsProblem, graphTenants } from './tenants/graph-tenants.ts';
