import { type FolderRef, folderKey, JOBS, type ScanSession } from '@ms1/contracts';

/** What scan jobs need of the `polling` queue. */
export interface ScanQueue {
  addBulk(
    jobs: { name: string; data: ScanSession; opts: { jobId: string; removeOnFail: true } }[],
  ): Promise<unknown>;
}

/**
 * Puts one scan job a folder on `polling`. Its id is the session and the folder, so adding it again
 * while it waits or runs changes nothing. A mailbox that was never heard of has no tenant to
 * be read with.
 */
export async function addScanJobs(
  queue: ScanQueue,
  tenantOf: (mailboxId: string) => string | undefined,
  sessionId: string,
  folders: readonly FolderRef[],
): Promise<void> {
  const jobs = folders.flatMap((folder) => {
    const tenantId = tenantOf(folder.mailboxId);
    if (tenantId === undefined) return [];
    return {
      name: JOBS.scanSession,
      data: { v: 1 as const, tenantId, ...folder, sessionId },
      // One that failed would keep its next one out, and its session open for ever.
      opts: { jobId: `scan-${sessionId}-${folderKey(folder)}`, removeOnFail: true as const },
    };
  });
  if (jobs.length > 0) await queue.addBulk(jobs);
}
