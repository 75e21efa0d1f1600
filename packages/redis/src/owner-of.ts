import { type Cluster, Command, type Redis as OneServer } from 'ioredis';

import type { Redis } from './redis.ts';

/**
 * The connection on which our keys are read and written: in a Cluster that to the node that has their slot now. Whoever
 * asks something of a server that names no key (INFO, SCAN, TIME, WAIT) asks it, and not any node.
 *
 * @param key one of ours, or their prefix
 * @throws when no node of the Cluster has the slot
 */
export function ownerOf(redis: Redis, key: string): OneServer {
  if (!redis.isCluster) return redis as OneServer;
  const cluster = redis as Cluster;
  const [address] = cluster.slots[new Command('get', [key]).getSlot() ?? -1] ?? [];
  const owner = cluster
    .nodes('master')
    .find(({ options: { host, port } }) => `${host}:${port}` === address);
  if (!owner) throw new Error('CLUSTERDOWN no node of the Cluster has our keys');
  return owner;
}

/** The connections on which keys of these prefixes are read and written, each once. */
export function ownersOf(redis: Redis, prefixes: readonly string[]): OneServer[] {
  return [...new Set(prefixes.map((prefix) => ownerOf(redis, prefix)))];
}
