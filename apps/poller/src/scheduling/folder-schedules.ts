import { JOBS, type PollFolder, type RenewSubscriptions } from '@ms1/contracts';

/** A job that is added again and again. */
export interface PollingSchedule {
  id: string;
  everyMs: number;
  name: string;
  data: PollFolder | RenewSubscriptions;
}

export interface FolderSchedulesOptions {
  tenantId: string;
  folders: readonly { mailboxId: string; folderId: string }[];
  pollEveryMs: number;
  /** names a folder in a schedule's id, without telling whose it is */
  folderKey: (folder: { mailboxId: string; folderId: string }) => string;
}

/** ms; the list that a renewal begins with is one request, and finds what was removed without a word */
const RENEW_EVERY_MS = 120_000;

/** One schedule for each folder, and one that looks after the subscriptions of all. */
export function folderSchedules(options: FolderSchedulesOptions): PollingSchedule[] {
  const { tenantId, folders, pollEveryMs, folderKey } = options;
  const polls = folders.map((folder) => ({
    id: `poll-${folderKey(folder)}`,
    everyMs: pollEveryMs,
    name: JOBS.pollFolder,
    data: { v: 1 as const, tenantId, ...folder },
  }));
  const renewal = {
    id: 'renew-subscriptions',
    everyMs: RENEW_EVERY_MS,
    name: JOBS.renewSubscriptions,
    data: { v: 1 as const },
  };
  return [...polls, renewal];
}
