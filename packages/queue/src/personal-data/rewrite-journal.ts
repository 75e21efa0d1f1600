import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from '@ms1/redis';

/** ms between two tries, and how many: one rewrite of a small store that is under way already */
const AGAIN_MS = 1_000;
const TRIES = 5;

/**
 * Asks Redis to rewrite its append-only file, which still holds what was removed. A rewrite that already runs is not
 * enough: it began before, perhaps with what was removed. Managed services do not let anybody ask.
 */
export async function rewriteJournal(
  servers: readonly Pick<Redis, 'info' | 'bgrewriteaof'>[],
): Promise<'asked' | 'off' | 'refused'> {
  const answers = await Promise.all(servers.map(rewriteOne));
  if (answers.includes('refused')) return 'refused';
  return answers.includes('asked') ? 'asked' : 'off';
}

async function rewriteOne(
  redis: Pick<Redis, 'info' | 'bgrewriteaof'>,
): Promise<'asked' | 'off' | 'refused'> {
  for (let tries = 1; ; tries += 1) {
    try {
      if (!/^aof_enabled:1/m.test(await redis.info('persistence'))) return 'off';
      await redis.bgrewriteaof();
      return 'asked';
    } catch (error) {
      const isBusy = error instanceof Error && error.message.includes('in progress');
      if (!isBusy || tries === TRIES) return 'refused';
    }
    await delay(AGAIN_MS);
  }
}
