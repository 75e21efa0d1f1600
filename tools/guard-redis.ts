/**
 * Outlives the launcher by a moment: when that is killed outright, the apps stop by themselves (their
 * IPC channel breaks), and this process then stops the Redis that they needed until the end.
 *
 *     REDIS_URL=... node tools/guard-redis.ts REDIS_PID
 */
import { setTimeout as delay } from 'node:timers/promises';

import { redisCommand } from './fleet/redis-command.ts';

/** Longer than an app takes at most to stop (25 s). */
const PATIENCE_MS = 35_000;
const POLL_MS = 250;

const pid = Number(process.argv[2]);
const url = process.env['REDIS_URL'];

// Ctrl-C is for the launcher, which ends this process with SIGTERM once Redis has stopped.
process.on('SIGINT', () => undefined);
process.once('disconnect', () => {
  void stopRedisAfterItsClients().finally(() => process.exit(0));
});

async function stopRedisAfterItsClients(): Promise<void> {
  if (!pid || !url) return;
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const clients = await redisCommand(url, ['CLIENT', 'LIST', 'TYPE', 'normal']).catch(() => '');
    // The one that is left is this question's own connection.
    if (clients.trim().split('\n').length <= 1) break;
    await delay(POLL_MS);
  }
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It is gone already.
  }
}
