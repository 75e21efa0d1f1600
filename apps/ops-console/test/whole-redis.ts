import type { Redis } from 'ioredis';

/** All that is in Redis, the names and values of every key whatever its type, as one text. */
export async function wholeRedis(redis: Redis): Promise<string> {
  const kept: unknown[] = [];
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'COUNT', 1_000);
    cursor = next;
    for (const key of keys) kept.push(key, await valueOf(redis, key));
  } while (cursor !== '0');
  return JSON.stringify(kept);
}

async function valueOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, 0, -1, 'WITHSCORES');
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return redis.get(key);
  }
}
