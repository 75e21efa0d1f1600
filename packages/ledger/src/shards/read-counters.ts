import type { Redis } from '@ms1/redis';

/** Counter hashes as one: an entry is counted in the shard where it is, and a move leaves counts where they were. */
export async function readCounters(
  redis: Redis,
  keys: readonly string[],
): Promise<Record<string, string>> {
  const [first = {}, ...others] = await Promise.all(keys.map((key) => redis.hgetall(key)));
  if (others.length === 0) return first;
  const sums: Record<string, number> = {};
  for (const [field, count] of [first, ...others].flatMap((hash) => Object.entries(hash))) {
    sums[field] = (sums[field] ?? 0) + Number(count);
  }
  return Object.fromEntries(Object.entries(sums).map(([field, sum]) => [field, String(sum)]));
}
