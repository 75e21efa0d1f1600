import type { CursorStore } from '@ms1/mailboxes';

/**
 * Positions as they count for a mailbox: one from before it was removed and added again is not its own,
 * also when nobody came to forget it in between.
 */
export function ownCursors(
  cursors: Pick<CursorStore, 'read' | 'write'>,
  forgetBefore: (mailboxId: string) => number | null,
): Pick<CursorStore, 'read' | 'write'> {
  return {
    async read(folder, fence) {
      const cursor = await cursors.read(folder, fence);
      const bound = forgetBefore(folder.mailboxId);
      return cursor !== null && bound !== null && cursor.updatedAt < bound ? null : cursor;
    },
    write: (folder, cursor, fence) => cursors.write(folder, cursor, fence),
  };
}
