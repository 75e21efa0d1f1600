export {
  AUDIT_VERDICTS,
  AUDIT_WITNESSES_MAX,
  AuditResult,
  type AuditVerdict,
  AuditWitness,
} from './audit.ts';
export { Authentication } from './authentication.ts';
export type { Container } from './container.ts';
export { type ContractVersion, recordOfVersion } from './contract-version.ts';
export { dnsDomain, domainOfAddress } from './dns-domain.ts';
export { foldText } from './fold-text.ts';
export { type FolderRef, folderKey } from './folder-ref.ts';
export { hashedId } from './hashed-id.ts';
export type { LedgerChange, LedgerEntry, MessageLedger } from './ledger.ts';
export { MailFlag } from './mail-flag.ts';
export { MailKind } from './mail-kind.ts';
export {
  MAILBOX_STATES,
  MailboxEntry,
  MailboxSettings,
  type MailboxState,
  takenFrom,
} from './mailbox-entry.ts';
export { jobIdOf, keyOfJobId, messageKey } from './message-key.ts';
export {
  Address,
  Attachment,
  MessageMetadata,
  MessageRecord,
  MessageSource,
  Truncated,
} from './message-record.ts';
export { MessageRules } from './message-rules.ts';
export { MESSAGE_STATES, type MessageState, type StateCounts } from './message-state.ts';
export { Ms4Batch, Ms4Verdict, Problem } from './ms4.ts';
export {
  isForAnother,
  PayloadInvalidError,
  PayloadSealedError,
  PayloadTooNewError,
  parsePayload,
} from './parse-payload.ts';
export {
  AuditWindow,
  DeliverRecord,
  INBOUND_BYTES_MAX,
  IngestMessage,
  OUTBOUND_BYTES_MAX,
  PAYLOAD_VERSION,
  PollFolder,
  PollRound,
  RenewSubscriptions,
  ScanSession,
  StripLetters,
  StrippedRecord,
  Suspicion,
} from './payloads.ts';
export { DEFAULT_KEY_PREFIX, JOBS, QUEUES, type QueueName } from './queues.ts';
export { RULES_TEST_MAX, RulesTestResult, type TestedMessage } from './rules-test.ts';
export type { SameAs } from './same-as.ts';
export {
  keyPrefixes,
  mailboxPrefix,
  shardOf,
  shardOfMailbox,
  shardPrefixes,
} from './shards.ts';
export { isRevocable, isRuled } from './skip-reason.ts';
