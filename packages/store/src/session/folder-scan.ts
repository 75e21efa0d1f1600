import { z } from 'zod';

import type { FolderRef } from '../folder-ref.ts';

/** What listing a folder in a session's window found. */
export interface ScanResult {
  /** messages in the window */
  found: number;
  /** of those, how many nobody had noticed: they are on `inbound` now */
  requeued: number;
}

/** One folder that a closing session lists; without `found` until it was. */
export const FolderScan = z.object({
  mailboxId: z.string(),
  folderId: z.string(),
  found: z.int().min(0).optional(),
  requeued: z.int().min(0).optional(),
});
export type FolderScan = z.infer<typeof FolderScan>;

export function packScan({ mailboxId, folderId }: FolderRef, result?: ScanResult): string {
  return JSON.stringify({
    mailboxId,
    folderId,
    ...(result && { found: result.found, requeued: result.requeued }),
  } satisfies FolderScan);
}

export function unpackScans(values: readonly string[]): FolderScan[] {
  return values.map((value) => FolderScan.parse(JSON.parse(value)));
}
