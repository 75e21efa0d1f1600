import type { Redis } from '@ms1/redis';

/** Which part of a list: by position, or after the last entry of the page before. */
export interface PageRequest {
  limit?: number;
  offset?: number;
  /** time and id of the last one of the page before: what is added meanwhile shifts nothing */
  before?: { at: number; id: string } | undefined;
}

/** The ids of a sorted set, highest score first; those of one score in the reverse order of their ids, as Redis has it. */
export async function latestFirst(
  redis: Redis,
  key: string,
  { limit = 100, offset = 0, before }: PageRequest,
): Promise<string[]> {
  if (!before) return redis.zrevrange(key, offset, offset + limit - 1);
  const { at, id } = before;
  const [same, older] = await Promise.all([
    redis.zrangebyscore(key, at, at),
    redis.zrevrangebyscore(key, `(${at}`, '-inf', 'LIMIT', 0, limit),
  ]);
  const rest = same.filter((other) => other < id).toReversed();
  return [...rest, ...older].slice(0, limit);
}
