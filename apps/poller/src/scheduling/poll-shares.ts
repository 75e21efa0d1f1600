import type { FolderRef, PollRound } from '@ms1/contracts';

/** One of `of` equal parts of all folders. */
export type Share = Pick<PollRound, 'share' | 'of'>;

/**
 * Folders that a round walks, about. Taking a job, ending it and laying down the next one are six commands, leases and
 * cursors of a round are one each: at 16 folders that is less than one command for a folder.
 */
const FOLDERS = 16;

/** The shares that so many folders are walked in. Their number is a power of two, so that it seldom changes. */
export function sharesOf(folders: number): Share[] {
  const of = 2 ** Math.max(0, Math.ceil(Math.log2(folders / FOLDERS)));
  return Array.from({ length: of }, (_, share) => ({ share, of }));
}

/** The folders of a share: which one a folder is in depends on nothing but itself. */
export function foldersIn<F extends FolderRef>({ share, of }: Share, folders: readonly F[]): F[] {
  return folders.filter((folder) => placeOf(folder) % of === share);
}

/** FNV-1a: spread evenly, and fast, because each of 512 rounds asks it of all 5,000 folders. */
function placeOf({ mailboxId, folderId }: FolderRef): number {
  const text = `${mailboxId.toLowerCase()} ${folderId}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
