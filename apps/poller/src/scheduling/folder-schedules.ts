import {
  type AuditWindow,
  folderKey,
  JOBS,
  type PollFolder,
  type RenewSubscriptions,
  type StripLetters,
} from '@ms1/contracts';

/** A job that is added again and again. */
export interface PollingSchedule {
  id: string;
  everyMs: number;
  name: string;
  data: PollFolder | RenewSubscriptions | AuditWindow | StripLetters;
}

export interface FolderSchedulesOptions {
  folders: readonly { tenantId: string; mailboxId: string; folderId: string }[];
  pollEveryMs: number;
  /** ms between two looks of the rolling audit at a folder; 0: none */
  auditEveryMs: number;
}

/** ms; the list that a renewal begins with is one request, and finds what was removed without a word */
const RENEW_EVERY_MS = 120_000;

/** ms; how old a dead letter may become is told in days */
const STRIP_EVERY_MS = 24 * 3_600_000;

/**
 * One schedule for each folder's walks and one for its audits, one that looks after the subscriptions of all, and one that
 * removes personal data from old dead letters.
 */
export function folderSchedules(options: FolderSchedulesOptions): PollingSchedule[] {
  const { folders, pollEveryMs, auditEveryMs } = options;
  const polls = folders.map((folder) => ({
    id: `poll-${folderKey(folder)}`,
    everyMs: pollEveryMs,
    name: JOBS.pollFolder,
    data: { v: 1 as const, ...folder },
  }));
  const renewal = {
    id: 'renew-subscriptions',
    everyMs: RENEW_EVERY_MS,
    name: JOBS.renewSubscriptions,
    data: { v: 1 as const },
  };
  const stripping = {
    id: JOBS.stripLetters,
    everyMs: STRIP_EVERY_MS,
    name: JOBS.stripLetters,
    data: { v: 1 as const },
  };
  const rolling = { auditId: null, from: null, to: null, sessionId: null, repair: true };
  const audits = folders.map((folder) => ({
    id: `audit-${folderKey(folder)}`,
    everyMs: auditEveryMs,
    name: JOBS.auditWindow,
    data: { v: 1 as const, ...folder, ...rolling },
  }));
  return [...polls, ...(auditEveryMs > 0 ? audits : []), renewal, stripping];
}
