import { type FolderRef, folderKey, type PollRound } from '@ms1/contracts';

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

/**
 * The folders of each of `of` shares: which one a folder is in depends on nothing but itself. To be made once for as long as
 * the folders are the same, because with 5,000 of them 512 rounds ask.
 */
export function shareOut<F extends FolderRef>(of: number, folders: readonly F[]): F[][] {
  const shares = Array.from({ length: of }, (): F[] => []);
  for (const folder of folders) {
    const hash = Buffer.from(folderKey(folder), 'base64url').readUInt32BE(0);
    shares[hash % of]?.push(folder);
  }
  return shares;
}
