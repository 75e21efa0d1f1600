import type { Redis } from 'ioredis';

/** What matters of the Redis behind a connection, read at start and for those who watch. */
export interface RedisServerFacts {
  version: string;
  maxmemoryPolicy: string;
  /** AOF or RDB snapshots are on: what is acknowledged survives a restart */
  persistent: boolean;
  usedMemoryBytes: number;
  /** 0: no limit */
  maxMemoryBytes: number;
}

export class RedisEvictsError extends Error {
  readonly code = 'redis_evicts';

  constructor(policy: string) {
    super(`Redis has maxmemory-policy ${policy} and could drop waiting jobs: set it to noeviction`);
    this.name = 'RedisEvictsError';
  }
}

/** Reads INFO rather than CONFIG, which managed services refuse. */
export async function readServerFacts(redis: Redis): Promise<RedisServerFacts> {
  const info = await redis.info();
  const field = (name: string): string =>
    new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  return {
    version: field('redis_version'),
    maxmemoryPolicy: maxmemoryPolicyOf(info),
    persistent: field('aof_enabled') === '1' || Number(field('rdb_saves')) > 0,
    usedMemoryBytes: Number(field('used_memory')),
    maxMemoryBytes: Number(field('maxmemory')),
  };
}

/** Of an answer to INFO; empty where it does not say. */
export function maxmemoryPolicyOf(info: string): string {
  return /^maxmemory_policy:(.*?)\r?$/m.exec(info)?.[1] ?? '';
}

/** @throws {RedisEvictsError} */
export function refuseEviction({
  maxmemoryPolicy,
}: Pick<RedisServerFacts, 'maxmemoryPolicy'>): void {
  if (maxmemoryPolicy !== '' && maxmemoryPolicy !== 'noeviction') {
    throw new RedisEvictsError(maxmemoryPolicy);
  }
}
