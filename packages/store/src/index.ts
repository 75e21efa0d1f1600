export {
  type Cursor,
  CursorStore,
  type CursorStoreOptions,
  type StoredCursor,
} from './cursor/cursor-store.ts';
export { FencedError } from './cursor/fenced-error.ts';
export { type FolderRef, folderKey } from './folder-ref.ts';
export {
  GRAPH_SLOTS,
  type GraphPermit,
  GraphPermits,
  type GraphPermitsOptions,
} from './graph/graph-permits.ts';
export { type Lease, LeaseStore, type LeaseStoreOptions } from './lease/lease-store.ts';
export { Ledger, type LedgerOptions } from './ledger/ledger.ts';
export type { LedgerChange, LedgerEntry } from './ledger/ledger-entry.ts';
export type { ScanResult } from './session/folder-scan.ts';
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
