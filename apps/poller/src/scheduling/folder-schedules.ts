import {
  type AuditWindow,
  folderKey,
  JOBS,
  type PollRound,
  type RenewSubscriptions,
  type StripLetters,
} from '@ms1/contracts';

import { sharesOf } from './poll-shares.ts';

/** A job that is added again and again. */
export interface PollingSchedule {
  id: string;
  everyMs: number;
  name: string;
  data: PollRound | RenewSubscriptions | AuditWindow | StripLetters;
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
 * One schedule for the walks of each share of the folders and one for each folder's audits, one that looks after the subscriptions of all, and one that
 * removes personal data from old dead letters.
 */
export function folderSchedules(options: FolderSchedulesOptions): PollingSchedule[] {
  const { folders, pollEveryMs, auditEveryMs } = options;
  const polls = sharesOf(folders.length).map(({ share, of }) => ({
    id: `poll-${share}-of-${of}`,
    everyMs: pollEveryMs,
    name: JOBS.pollRound,
    data: { v: 1 as const, share, of },
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
