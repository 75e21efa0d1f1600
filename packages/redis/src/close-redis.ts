import pTimeout from 'p-timeout';

import type { Redis } from './redis.ts';

/**
 * Closes a connection after what it had sent was answered, or drops it after `timeoutMs` (default 1 s)
 * when Redis does not answer: a shutdown must not wait for a Redis that is down.
 */
export async function closeRedis(redis: Redis, timeoutMs = 1_000): Promise<void> {
  try {
    await pTimeout(redis.quit(), { milliseconds: timeoutMs });
  } catch {
    redis.disconnect();
  }
}
