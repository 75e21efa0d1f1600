/**
 * Outlives the launcher by a moment: when that is killed outright, the apps stop by themselves (their
 * IPC channel breaks), and this process then stops the Redis that they needed until the end.
 *
 *     node tools/guard-redis.ts REDIS_PID REDIS_PORT
 */
import { setTimeout as delay } from 'node:timers/promises';

import { redisCommand } from './fleet/redis-command.ts';

/** Longer than an app takes at most to stop (25 s). */
const PATIENCE_MS = 35_000;
const POLL_MS = 250;

const [pid, port] = process.argv.slice(2).map(Number);

// Ctrl-C is for the launcher, which ends this process with SIGTERM once Redis has stopped.
process.on('SIGINT', () => undefined);
process.once('disconnect', () => {
  void stopRedisAfterItsClients().finally(() => process.exit(0));
});

async function stopRedisAfterItsClients(): Promise<void> {
  if (!pid || !port) return;
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const clients = await redisCommand(port, ['CLIENT', 'LIST', 'TYPE', 'normal']).catch(() => '');
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
