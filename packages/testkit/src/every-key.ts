import type { Redis } from 'ioredis';

/** A key as Redis has it, with everything in it. */
export interface KeptKey {
  readonly key: string;
  /** as Redis answers to TYPE */
  readonly type: string;
  /** ms; -1 when it does not expire */
  readonly ttl: number;
  readonly text: string;
}

/** Redis whole, value by value. */
export async function everyKey(redis: Redis): Promise<KeptKey[]> {
  const kept: KeptKey[] = [];
  for await (const keys of redis.scanStream({ count: 1_000 })) {
    for (const key of keys as string[]) {
      const type = await redis.type(key);
      const ttl = await redis.pttl(key);
      // It expired between two looks.
      if (type === 'none' || ttl === -2) continue;
      kept.push({ key, type, ttl, text: JSON.stringify(await contentOf(redis, key, type)) });
    }
  }
  return kept;
}

/** All that is in Redis as one text. */
export const wholeRedis = async (redis: Redis): Promise<string> =>
  (await everyKey(redis)).map(({ key, text }) => `${key} ${text}`).join('\n');

function contentOf(redis: Redis, key: string, type: string): Promise<unknown> {
  switch (type) {
    case 'string':
      return redis.get(key);
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
      throw new Error(`${key} is a ${type}: nobody looks into it`);
  }
}
