import type { FolderRef } from '@ms1/contracts';
import { z } from 'zod';

/** What listing a folder in a session's window found. */
export interface ScanResult {
  /** messages in the window */
  found: number;
  /** of those, how many nobody had noticed: they are on `inbound` now */
  requeued: number;
  /** messages that Graph counts in the window and does not list */
  missing?: number;
}

/** One folder that a closing session lists; without `found` until it was. */
export const FolderScan = z.object({
  mailboxId: z.string(),
  folderId: z.string(),
  found: z.int().min(0).optional(),
  requeued: z.int().min(0).optional(),
  /** where it is not 0; since 0.2 */
  missing: z.int().min(0).optional(),
  /** RFC 3339: everything received before it is listed, and how many that were */
  reached: z.string().optional(),
  seen: z.int().min(0).optional(),
});
export type FolderScan = z.infer<typeof FolderScan>;

/** How far listing a folder has come. */
export interface ScanProgress {
  /** RFC 3339: everything received before it is listed */
  reached: string;
  /** messages received before it */
  seen: number;
  /** messages put on `inbound` so far */
  requeued: number;
}

export function packScan(
  { mailboxId, folderId }: FolderRef,
  result?: ScanResult | ScanProgress,
): string {
  return JSON.stringify({
    mailboxId,
    folderId,
    ...result,
  } satisfies FolderScan);
}

export function unpackScans(values: readonly string[]): FolderScan[] {
  return values.map((value) => FolderScan.parse(JSON.parse(value)));
}

/** What all scans of a session come to. */
export interface ScanSums {
  folders: number;
  /** folders that are listed */
  done: number;
  /** messages seen, also by scans that are still at it */
  listed: number;
  missing: number;
  requeued: number;
  /** nothing changes them any more */
  isFinal: boolean;
}

/** Reads what the scripts keep; nothing: no folder. */
export function unpackSums(text: string): ScanSums {
  const [folders = 0, done = 0, listed = 0, missing = 0, requeued = 0] = text
    .split(' ')
    .map(Number);
  return { folders, done, listed, missing, requeued, isFinal: text.endsWith('final') };
}
