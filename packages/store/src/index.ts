export type { Audit, AuditedFolder, NewAudit } from './audit/audit.ts';
export { AuditStore, type AuditStoreOptions } from './audit/audit-store.ts';
export {
  type Cursor,
  CursorStore,
  type CursorStoreOptions,
  type StoredCursor,
} from './cursor/cursor-store.ts';
export { FencedError } from './cursor/fenced-error.ts';
export type { Epoch } from './epoch/store-epoch.ts';
export { ProcessRecord, ProcessStore, type ProcessStoreOptions } from './fleet/process-store.ts';
export { type ReportAliveOptions, reportAlive } from './fleet/report-alive.ts';
export { type FolderRef, folderKey } from './folder-ref.ts';
export { type GateState, readGate } from './gate/read-gate.ts';
export {
  type Entrance,
  RequestGate,
  type RequestGateOptions,
  type RequestOutcome,
  type RequestPermit,
} from './gate/request-gate.ts';
export {
  GRAPH_SLOTS,
  type GraphPermit,
  GraphPermits,
  type GraphPermitsOptions,
  type PermitAsk,
} from './graph/graph-permits.ts';
export { type MailboxHold, readHolds } from './graph/read-holds.ts';
export type { PageRequest } from './latest-first.ts';
export { type Lease, LeaseStore, type LeaseStoreOptions } from './lease/lease-store.ts';
export { Ledger, type LedgerOptions, RETENTION_MS } from './ledger/ledger.ts';
export type { LedgerChange, LedgerEntry } from './ledger/ledger-entry.ts';
export {
  type LetterOperation,
  LetterOperationStore,
  type LetterOperationStoreOptions,
  LetterRequest,
} from './letters/letter-operation-store.ts';
export { type LoginKeys, LoginStore, type LoginStoreOptions } from './logins/login-store.ts';
export { LoginTries, type LoginTriesOptions, type RefusedTry } from './logins/login-tries.ts';
export { lookupConfig } from './lookup/lookup-config.ts';
export {
  type IndexedMessage,
  LookupIndex,
  type LookupIndexOptions,
  type LookupQuery,
} from './lookup/lookup-index.ts';
export {
  MailboxDirectory,
  type MailboxDirectoryOptions,
  type MailboxList,
} from './mailboxes/mailbox-directory.ts';
export { MailboxConflictError, MailboxNotFoundError } from './mailboxes/mailbox-errors.ts';
export { MailboxSnapshot } from './mailboxes/mailbox-snapshot.ts';
export {
  WatchedDirectory,
  type WatchedDirectoryOptions,
} from './mailboxes/watched-directory.ts';
export {
  type Begun,
  IdempotencyStore,
  type IdempotencyStoreOptions,
} from './operator/idempotency-store.ts';
export {
  type LoggedAction,
  type OperatorAction,
  OperatorLog,
  type OperatorLogOptions,
} from './operator/operator-log.ts';
export type { Arrivals, PushYield } from './push/push-yield.ts';
export { PushYieldStore, type PushYieldStoreOptions } from './push/push-yield-store.ts';
export { RefusalStore, type RefusalStoreOptions, type Refused } from './refusals/refusal-store.ts';
export type { ScanProgress, ScanResult } from './session/folder-scan.ts';
export {
  type NewSession,
  type Session,
  SessionConflictError,
  SessionNotFoundError,
  type SessionStatus,
  SessionStatusError,
} from './session/session.ts';
export { SessionStore, type SessionStoreOptions } from './session/session-store.ts';
export {
  SubscriptionRecord,
  SubscriptionStore,
  type SubscriptionStoreOptions,
} from './subscription/subscription-store.ts';
