import type { Redis } from 'ioredis';

import { within } from './process-waiting.ts';

const LIMIT_MS = 60_000;

/**
 * Writes the append-only file anew: what Redis holds now is on its disk afterwards, however slow the disk is.
 *
 * @throws when it takes longer than a minute
 */
export async function rewriteFile(admin: Redis, signal: AbortSignal): Promise<void> {
  await admin.bgrewriteaof();
  const isWritten = async (): Promise<boolean> =>
    /aof_rewrite_in_progress:0\r\naof_rewrite_scheduled:0/.test(await admin.info('persistence'));
  await within(LIMIT_MS, 'the append-only file is rewritten', isWritten, signal);
}
