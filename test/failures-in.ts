import type { Redis } from 'ioredis';

/** Why jobs failed and where, as Redis keeps it with each of them. */
export async function failuresIn(redis: Redis): Promise<string> {
  const texts: (string | null)[] = [];
  for await (const keys of redis.scanStream({ match: '{ms1}:*', type: 'hash', count: 1_000 })) {
    for (const key of keys as string[]) {
      texts.push(...(await redis.hmget(key, 'failedReason', 'stacktrace')));
    }
  }
  return texts.filter((text) => text !== null).join('\n');
}
