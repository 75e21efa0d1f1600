import type { Cluster, Redis as OneServer } from 'ioredis';

import { ownersOf } from './owner-of.ts';
import type { Redis } from './redis.ts';
import type { RedisKind } from './redis-address.ts';
import { RedisStartError } from './redis-start-error.ts';

/** What a process needs to know about its Redis, read at start and by the console. */
export interface RedisServerFacts {
  version: string;
  maxmemoryPolicy: string;
  /** AOF or RDB snapshots are on: what is acknowledged survives a restart */
  persistent: boolean;
  /** its last writes to disk worked, of those that it makes */
  writesDisk: boolean;
  usedMemoryBytes: number;
  /** 0: no limit */
  maxMemoryBytes: number;
}

class RedisEvictsError extends RedisStartError {
  readonly code = 'redis_evicts';

  constructor(policy: string) {
    super(`Redis has maxmemory-policy ${policy} and could drop waiting jobs: set it to noeviction`);
    this.name = 'RedisEvictsError';
  }
}

/** What REDIS_URL must say of a server that is something else, by its `redis_mode`. */
const MODES: Record<string, string> = {
  standalone: 'is one server: write REDIS_URL without +cluster',
  cluster: 'is a node of a Cluster: write redis+cluster:// and some of its nodes',
  sentinel:
    'is a Sentinel, which keeps no data: write redis+sentinel:// and the name of the primary after the host',
};

class RedisModeError extends RedisStartError {
  readonly code = 'redis_mode';

  constructor(mode: string) {
    super(`what REDIS_URL names ${MODES[mode]}`);
    this.name = 'RedisModeError';
  }
}

/**
 * Reads INFO rather than CONFIG, which managed services refuse. In a Cluster, of the nodes that have keys of these
 * prefixes: the memory of the fullest, and whether all keep what they are given.
 */
export async function readServerFacts(
  redis: Redis,
  prefixes: readonly string[],
): Promise<RedisServerFacts> {
  const owners = ownersOf(redis, prefixes);
  const all = await Promise.all(owners.map(async (owner) => factsIn(await owner.info())));
  const [fullest] = all.toSorted((a, b) => fill(b) - fill(a));
  if (!fullest) throw new Error('no node has our keys');
  return {
    ...fullest,
    persistent: all.every(({ persistent }) => persistent),
    writesDisk: all.every(({ writesDisk }) => writesDisk),
  };
}

function fill({ usedMemoryBytes, maxMemoryBytes }: RedisServerFacts): number {
  return maxMemoryBytes > 0 ? usedMemoryBytes / maxMemoryBytes : 0;
}

function factsIn(info: string): RedisServerFacts {
  const field = (name: string): string => infoField(info, name);
  return {
    version: field('redis_version'),
    maxmemoryPolicy: field('maxmemory_policy'),
    persistent: field('aof_enabled') === '1' || Number(field('rdb_saves')) > 0,
    writesDisk: [
      'aof_last_write_status',
      'aof_last_bgrewrite_status',
      'rdb_last_bgsave_status',
    ].every((name) => field(name) !== 'err'),
    usedMemoryBytes: Number(field('used_memory')),
    maxMemoryBytes: Number(field('maxmemory')),
  };
}

/**
 * @param mayEvict see ConnectRedisOptions
 * @throws {RedisModeError}
 * @throws {RedisEvictsError}
 */
export async function refuseUnfit(redis: Redis, kind: RedisKind, mayEvict: boolean): Promise<void> {
  for (const server of serversOf(redis)) {
    const info = await server.info();
    const mode = infoField(info, 'redis_mode');
    if (mode in MODES && mode !== (kind === 'cluster' ? 'cluster' : 'standalone')) {
      throw new RedisModeError(mode);
    }
    if (!mayEvict) refuseEviction(info);
  }
}

/** In a Cluster all that may come to have our keys. */
export function serversOf(redis: Redis): OneServer[] {
  return redis.isCluster ? (redis as Cluster).nodes('master') : [redis as OneServer];
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
export function infoField(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
}
