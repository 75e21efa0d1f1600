import type { FolderRef } from '@ms1/contracts';

interface ReadCursors<F extends FolderRef, C extends { updatedAt: number }> {
  read(folder: F, fence?: number): Promise<C | null>;
}

/**
 * Positions as they count for a mailbox: one from before it was removed and added again is not its own,
 * also when nobody came to forget it in between.
 */
export function ownCursors<F extends FolderRef, C extends { updatedAt: number }>(
  cursors: ReadCursors<F, C>,
  forgetBefore: (mailboxId: string) => number | null,
): ReadCursors<F, C> {
  return {
    async read(folder, fence) {
      const cursor = await cursors.read(folder, fence);
      const bound = forgetBefore(folder.mailboxId);
      return cursor !== null && bound !== null && cursor.updatedAt < bound ? null : cursor;
    },
  };
}
