import type { MessageSource } from './message-record.ts';
import type { MessageState } from './message-state.ts';

/** What the ledger knows of one message. Times are ms since the epoch. */
export interface LedgerEntry {
  state: MessageState;
  /** the session it belongs to */
  sessionId: string | null;
  /** when it came into its state */
  at: number;
  /** null when it was first written by a process that was not told */
  source: MessageSource | null;
  /** why it was skipped or is dead: a code, never free text */
  reason: string | null;
  /** MS4's receipt of a delivered message */
  receipt: string | null;
  /** when Exchange received it, to the second; null while nobody has read it */
  receivedAt: number | null;
  queuedAt: number | null;
  preparedAt: number | null;
}

/** The change of one message to a state. */
export interface LedgerChange {
  /** message key */
  key: string;
  state: MessageState;
  /** ms since the epoch */
  at: number;
  sessionId?: string | null;
  source?: MessageSource;
  reason?: string;
  receipt?: string;
  /** ms since the epoch at which Exchange received it, where that is known */
  receivedAt?: number | undefined;
}

/** The ledger, for packages: only apps may import `@ms1/ledger`. */
export interface MessageLedger {
  /** What is known of each message key, in order; null where nothing is. */
  known(keys: readonly string[]): Promise<(LedgerEntry | null)[]>;
  /** Records changes in order; one that would move a message backwards, or is known, does nothing. */
  record(changes: readonly LedgerChange[]): Promise<void>;
  /** Takes skipped messages back to `queued`. True for each that was skipped. */
  revive(keys: readonly string[]): Promise<boolean[]>;
}
