import { Redis } from 'ioredis';
import pTimeout from 'p-timeout';

import type { RedisServer } from './connect-redis.ts';
import { tlsOf } from './open-client.ts';
import type { RedisAddress } from './redis-address.ts';

/** ms for all that the nodes are asked */
const ASK_MS = 2_000;

/**
 * Why no Sentinel names the primary, or no node its Cluster: ioredis keeps that to itself, so each is asked once more when
 * the start has failed.
 *
 * @returns undefined when one of them is well, or is the only server there is
 */
export async function troubleAt(
  address: RedisAddress,
  server: Omit<RedisServer, 'url'>,
): Promise<Error | undefined> {
  if (address.kind === 'server') return undefined;
  const troubles = await Promise.all(address.nodes.map((node) => ask(node, address, server)));
  return troubles.includes(undefined) ? undefined : troubles[0];
}

async function ask(
  node: RedisAddress['nodes'][number],
  address: RedisAddress,
  server: Omit<RedisServer, 'url'>,
): Promise<Error | undefined> {
  const isSentinel = address.kind === 'sentinel';
  const username = isSentinel ? undefined : address.username;
  const password = isSentinel ? server.sentinelPassword : address.password;
  const tls = tlsOf(address, server);
  const client = new Redis({
    ...node,
    ...(tls && { tls }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: null,
    connectTimeout: ASK_MS,
  });
  try {
    // The command is rejected with less: that the connection is closed.
    const why = new Promise<never>((_, reject) => {
      client.on('error', reject);
    });
    const answer = isSentinel
      ? client.call('SENTINEL', 'get-master-addr-by-name', address.name)
      : client.cluster('INFO');
    const found = await Promise.race([why, pTimeout(answer, { milliseconds: ASK_MS })]);
    if (found === null) return new Error('no such primary');
    const isDown = typeof found === 'string' && found.includes('cluster_state:fail');
    return isDown ? new Error('CLUSTERDOWN') : undefined;
  } catch (error) {
    return error as Error;
  } finally {
    client.disconnect();
  }
}
