export type { Audit, AuditedFolder } from './audit/audit.ts';
export { AuditStore } from './audit/audit-store.ts';
export { CursorStore } from './cursor/cursor-store.ts';
export { ProcessRecord, ProcessStore } from './fleet/process-store.ts';
export { reportAlive } from './fleet/report-alive.ts';
export { folderKey } from './folder-ref.ts';
export { ForgetRunStore } from './forgetting/forget-run-store.ts';
export { type GateState, readGate } from './gate/read-gate.ts';
export { RequestGate } from './gate/request-gate.ts';
export { GraphPermits } from './graph/graph-permits.ts';
export { type MailboxHold, readHolds } from './graph/read-holds.ts';
export type { PageRequest } from './latest-first.ts';
export { type Lease, LeaseStore } from './lease/lease-store.ts';
export { Ledger, RETENTION_MS } from './ledger/ledger.ts';
export { type LetterOperation, LetterOperationStore } from './letters/letter-operation-store.ts';
export { StripProgress } from './letters/strip-progress.ts';
export { LoginStore } from './logins/login-store.ts';
export { LoginTries } from './logins/login-tries.ts';
export { lookupConfig } from './lookup/lookup-config.ts';
export { type IndexedMessage, LookupIndex } from './lookup/lookup-index.ts';
export { MailboxDirectory } from './mailboxes/mailbox-directory.ts';
export { MailboxConflictError, MailboxNotFoundError } from './mailboxes/mailbox-errors.ts';
export { MailboxSnapshot } from './mailboxes/mailbox-snapshot.ts';
export { WatchedDirectory } from './mailboxes/watched-directory.ts';
export { IdempotencyStore } from './operator/idempotency-store.ts';
export { OperatorLog } from './operator/operator-log.ts';
export type { Arrivals, PushYield } from './push/push-yield.ts';
export { PushYieldStore } from './push/push-yield-store.ts';
export { RefusalStore } from './refusals/refusal-store.ts';
export {
  type NewSession,
  type Session,
  SessionConflictError,
  SessionNotFoundError,
  SessionStatusError,
} from './session/session.ts';
export { SessionStore } from './session/session-store.ts';
export { SubscriptionStore } from './subscription/subscription-store.ts';
