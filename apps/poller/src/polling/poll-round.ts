import { SnoozeError } from '@ms1/queue';

import type { WalkedFolder } from './walk-folder.ts';

export interface PollRoundOptions {
  /** one walk, as a job of its own would do it; throws SnoozeError for one that is to come again before its next round */
  walk: (folder: WalkedFolder) => Promise<void>;
  /** asks for a walk of its own, for a folder that is not to wait for its next round */
  pollSooner: (folder: WalkedFolder, afterMs: number) => Promise<unknown>;
}

/**
 * Walks folders at once, none of which waits for another: what holds one up is its own. The round has failed when the walk of
 * one has, after all have ended.
 */
export async function pollRound(
  { walk, pollSooner }: PollRoundOptions,
  folders: readonly WalkedFolder[],
): Promise<void> {
  const walks = folders.map(async (folder) => {
    try {
      await walk(folder);
    } catch (error) {
      if (!(error instanceof SnoozeError)) throw error;
      await pollSooner(folder, error.delayMs);
    }
  });
  const failed = (await Promise.allSettled(walks)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
