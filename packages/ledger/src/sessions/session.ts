import type { StateCounts } from '@ms1/contracts';

/**
 *     open ──► closing ──► finished
 *       └─────────┴──────► cancelled
 *
 * open       who notices a message of its mailboxes attributes it to the session
 * closing    its window has ended; its folders are being listed
 * finished   every folder is listed and every message that was found is final
 * incomplete the same, but Graph counts more in a folder than it lists
 * cancelled  nothing is attributed any more; what is in the queues goes on by itself. Resumed, it goes on
 *            in the status it had
 */
export type SessionStatus = 'open' | 'closing' | 'finished' | 'incomplete' | 'cancelled';

/** A named, bounded piece of work. Times are ms since the epoch, window bounds RFC 3339. */
export interface Session {
  id: string;
  name: string;
  mailboxes: string[];
  /** null: from the beginning */
  from: string | null;
  /** null while open without a given end: closing sets it */
  to: string | null;
  status: SessionStatus;
  /** its folders are not listed until it is resumed */
  paused: boolean;
  createdAt: number;
  closedAt: number | null;
  finishedAt: number | null;
  /** where its messages stand */
  counts: StateCounts;
  /** skipped and dead ones by why: `skipped:source_deleted`, `dead:too_large` */
  reasons: Record<string, number>;
  /** messages known to be in its window: counted by the scans, and until those are done those attributed so far */
  found: number;
  /** messages that Graph counts in its window and does not list */
  missing: number;
  /** messages the scans had to put on `inbound` because nobody else had noticed them; of a page that a kill cut off they are not counted */
  requeued: number;
  /** folders listed, of those to list; 0 of 0 until it is closed */
  scans: { done: number; total: number };
}

export interface NewSession {
  name: string;
  /** mailbox object ids; each may be in one open session */
  mailboxes: readonly string[];
  from?: string | null;
  to?: string | null;
}

/** Another open session has the name (with other contents) or one of the mailboxes. */
export class SessionConflictError extends Error {
  readonly code: 'session_name_taken' | 'session_mailbox_busy';
  /** the session in the way */
  readonly sessionId: string;

  constructor(code: SessionConflictError['code'], sessionId: string) {
    super(
      code === 'session_name_taken'
        ? `session ${sessionId} is open under this name with other contents`
        : `a mailbox is already in open session ${sessionId}`,
    );
    this.name = 'SessionConflictError';
    this.code = code;
    this.sessionId = sessionId;
  }
}

/** The status of the session does not allow what was asked. */
export class SessionStatusError extends Error {
  readonly code = 'session_status';
  readonly status: SessionStatus;

  constructor(status: SessionStatus, action: string) {
    super(`a session that is ${status} can not be ${action}`);
    this.name = 'SessionStatusError';
    this.status = status;
  }
}

export class SessionNotFoundError extends Error {
  readonly code = 'session_not_found';

  constructor() {
    super('there is no such session');
    this.name = 'SessionNotFoundError';
  }
}
