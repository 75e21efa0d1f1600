import { ownerOf } from './owner-of.ts';
import type { Redis } from './redis.ts';

/** Keys a look: a few milliseconds of a Redis that nobody uses meanwhile. */
const LOOK = 1_000;

/** Names of keys below a prefix, in pages. What is there during the whole scan is found at least once. */
export async function* scanKeys(
  redis: Redis,
  prefix: string,
  pattern: string,
  type?: 'string' | 'hash',
): AsyncGenerator<string[]> {
  let cursor = '0';
  do {
    const of: ['TYPE', string] | [] = type ? ['TYPE', type] : [];
    const asked = ['MATCH', pattern, 'COUNT', LOOK, ...of] as ['MATCH', string, 'COUNT', number];
    const [next, names] = await ownerOf(redis, prefix).scan(cursor, ...asked);
    cursor = next;
    if (names.length > 0) yield names;
  } while (cursor !== '0');
}

/**
 * Takes a small hash or sorted set to another slot, with the time that it has left. It is there before it is gone from
 * where it was, so that it may be done again.
 */
export async function carryKey(redis: Redis, from: string, to: string): Promise<void> {
  const ttl = await redis.pttl(from);
  if ((await redis.type(from)) === 'zset') {
    const members = await redis.zrange(from, 0, -1, 'WITHSCORES');
    const scored = members.flatMap((member, index) =>
      index % 2 === 0 ? [members[index + 1] ?? '0', member] : [],
    );
    if (scored.length > 0) await redis.zadd(to, ...scored);
  } else {
    const fields = Object.entries(await redis.hgetall(from)).flat();
    if (fields.length > 0) await redis.hset(to, ...fields);
  }
  if (ttl > 0) await redis.pexpire(to, ttl);
  await redis.unlink(from);
}
