import type { Redis } from 'ioredis';

/** What a process needs to know about its Redis, read at start and by the console. */
export interface RedisServerFacts {
  version: string;
  maxmemoryPolicy: string;
  /** AOF or RDB snapshots are on: what is acknowledged survives a restart */
  persistent: boolean;
  usedMemoryBytes: number;
  /** 0: no limit */
  maxMemoryBytes: number;
}

class RedisEvictsError extends Error {
  readonly code = 'redis_evicts';

  constructor(policy: string) {
    super(`Redis has maxmemory-policy ${policy} and could drop waiting jobs: set it to noeviction`);
    this.name = 'RedisEvictsError';
  }
}

/** The address is that of a server on which a client of one server loses or misses what it keeps. */
class RedisModeError extends Error {
  readonly code = 'redis_mode';

  constructor(mode: string) {
    const what =
      mode === 'sentinel' ? 'a Sentinel, which keeps no data' : 'a node of a Redis Cluster';
    super(`REDIS_URL names ${what}: set it to one standalone server, or to the primary it watches`);
    this.name = 'RedisModeError';
  }
}

/** Reads INFO rather than CONFIG, which managed services refuse. */
export async function readServerFacts(redis: Redis): Promise<RedisServerFacts> {
  const info = await redis.info();
  const field = (name: string): string => infoField(info, name);
  return {
    version: field('redis_version'),
    maxmemoryPolicy: field('maxmemory_policy'),
    persistent: field('aof_enabled') === '1' || Number(field('rdb_saves')) > 0,
    usedMemoryBytes: Number(field('used_memory')),
    maxMemoryBytes: Number(field('maxmemory')),
  };
}

/**
 * @param mayEvict see ConnectRedisOptions
 * @throws {RedisModeError}
 * @throws {RedisEvictsError}
 */
export async function refuseUnfit(redis: Redis, mayEvict: boolean): Promise<void> {
  const info = await redis.info();
  const mode = infoField(info, 'redis_mode');
  if (mode === 'sentinel' || mode === 'cluster') throw new RedisModeError(mode);
  if (!mayEvict) refuseEviction(info);
}

/**
 * @param info its section `memory`, at least
 * @throws {RedisEvictsError}
 */
export function refuseEviction(info: string): void {
  const policy = infoField(info, 'maxmemory_policy');
  if (policy !== '' && policy !== 'noeviction') throw new RedisEvictsError(policy);
}

/** Empty where INFO does not say. */
function infoField(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
}
