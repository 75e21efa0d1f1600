import { keyOfJobId, type LedgerEntry } from '@ms1/contracts';
import type { QueueDepth } from '@ms1/queue';

/**
 * Has the oldest of each queue wait from when its message came to this stage. A job keeps the time at
 * which it was first added: of a letter that was replayed that is when the mail came, days ago perhaps.
 */
export async function sinceItsStage(
  depths: readonly QueueDepth[],
  known: (keys: string[]) => Promise<(LedgerEntry | null)[]>,
): Promise<QueueDepth[]> {
  const keys = depths.map(({ oldestId }) => keyOfJobId(oldestId ?? ''));
  const asked = keys.filter((key) => key !== undefined);
  const entries = asked.length === 0 ? [] : await known(asked);
  return depths.map((depth, index) => {
    const key = keys[index];
    const at = key === undefined ? undefined : entries[asked.indexOf(key)]?.at;
    if (depth.oldestAt === null || at === undefined) return depth;
    return { ...depth, oldestAt: Math.max(depth.oldestAt, at) };
  });
}
