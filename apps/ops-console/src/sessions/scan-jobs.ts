import { JOBS, type ScanSession } from '@ms1/contracts';
import { type FolderRef, folderKey } from '@ms1/store';

/** What scan jobs need of the `polling` queue. */
export interface ScanQueue {
  addBulk(jobs: { name: string; data: ScanSession; opts: { jobId: string } }[]): Promise<unknown>;
}

/**
 * Puts one scan job a folder on `polling`. Its id is the session and the folder, so adding it again
 * while it waits, runs or has failed changes nothing.
 */
export async function addScanJobs(
  queue: ScanQueue,
  tenantId: string,
  sessionId: string,
  folders: readonly FolderRef[],
): Promise<void> {
  if (folders.length === 0) return;
  await queue.addBulk(
    folders.map((folder) => ({
      name: JOBS.scanSession,
      data: { v: 1, tenantId, ...folder, sessionId },
      opts: { jobId: `scan-${sessionId}-${folderKey(folder)}` },
    })),
  );
}
