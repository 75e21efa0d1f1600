import { type FolderRef, folderKey, shardOfMailbox } from '@ms1/contracts';
import { carryKey, type Redis, scanKeys } from '@ms1/redis';

import { cursorKey } from './cursor-store.ts';

/**
 * Takes the cursor of each folder to the shard of its mailbox, while no process runs. Killed anywhere it is run again and
 * comes to the same. A cursor does not say whose it is: that of a folder which is not among these is of one that is
 * walked no more, and goes.
 *
 * @returns how many were moved
 */
export async function moveCursors(
  redis: Redis,
  { from, to }: { from: readonly string[]; to: readonly string[] },
  folders: readonly FolderRef[],
): Promise<number> {
  const mailboxes = new Map(folders.map((folder) => [folderKey(folder), folder.mailboxId]));
  let moved = 0;
  for (const prefix of from) {
    const start = cursorKey(prefix, '');
    for await (const names of scanKeys(redis, prefix, `${start}*`)) {
      for (const name of names) {
        const id = name.slice(start.length);
        const mailboxId = mailboxes.get(id);
        const target =
          mailboxId === undefined ? undefined : to[shardOfMailbox(mailboxId, to.length)];
        if (target === prefix) continue;
        if (target === undefined) await redis.unlink(name);
        else {
          await carryKey(redis, name, cursorKey(target, id));
          moved += 1;
        }
      }
    }
  }
  return moved;
}
