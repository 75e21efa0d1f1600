import type { Redis } from 'ioredis';

/**
 * Closes a connection after what it had sent was answered, or drops it after `timeoutMs` (default 1 s)
 * when Redis does not answer: a shutdown must not wait for a Redis that is down.
 */
export async function closeRedis(redis: Redis, timeoutMs = 1_000): Promise<void> {
  const timer = setTimeout(() => redis.disconnect(), timeoutMs);
  try {
    await redis.quit();
  } catch {
    redis.disconnect();
  } finally {
    clearTimeout(timer);
  }
}
