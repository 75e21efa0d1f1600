export type { Audit, AuditedFolder } from './audits/audit.ts';
export { AuditStore } from './audits/audit-store.ts';
export type { PageRequest } from './latest-first.ts';
export { Ledger, RETENTION_MS } from './ledger.ts';
export type { ListedMessage } from './lookup/day-list.ts';
export { KnownSenders, type SentMessage } from './lookup/known-senders.ts';
export { lookupConfig } from './lookup/lookup-config.ts';
export { type IndexedMessage, LookupIndex } from './lookup/lookup-index.ts';
export { type LinkedMessage, MessageLinks } from './lookup/message-links.ts';
export { termsOf } from './lookup/words.ts';
export {
  type NewSession,
  type Session,
  SessionConflictError,
  SessionNotFoundError,
  SessionStatusError,
} from './sessions/session.ts';
export { SessionStore } from './sessions/session-store.ts';
export { ShardMove, ShardsBusyError } from './shards/move-shards.ts';
export { ShardCount } from './shards/shard-count.ts';
