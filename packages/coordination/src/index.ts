export { type GateState, readGate } from './gate/read-gate.ts';
export { type RequestEnd, RequestGate, type RequestPermit } from './gate/request-gate.ts';
export { type Lease, LeaseStore } from './leases/lease-store.ts';
export { followLogLevel } from './log-level/follow-log-level.ts';
export { LogLevelStore } from './log-level/log-level-store.ts';
export { GraphPermits } from './permits/graph-permits.ts';
export {
  type MailboxHold,
  type MailboxState,
  noteReadSingly,
  readMailboxStates,
} from './permits/mailbox-state.ts';
export { movePermits } from './permits/move-permits.ts';
export { type CredentialName, ProcessRecord, ProcessStore } from './processes/process-store.ts';
export { reportAlive } from './processes/report-alive.ts';
export { RefusalStore } from './refusals/refusal-store.ts';
