import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { RedisOptions } from 'ioredis';

import type { RedisServer } from './connect-redis.ts';
import { LiveCluster } from './live-cluster.ts';
import { LiveRedis } from './live-redis.ts';
import type { RedisAddress } from './redis-address.ts';

/** Grows by 100 ms and stays at 2 s: BullMQ's own 20 s leaves a fleet idle long after Redis is back (measured). */
const pause = (attempt: number): number => Math.min(attempt * 100, 2_000);

/** ms; of several nodes one that is frozen must not take the time of the others */
const CONNECT_MS = 3_000;

/** A connection that is not made yet, of the class that the address takes. */
export function openClient(
  address: RedisAddress,
  server: Omit<RedisServer, 'url'>,
  role: RedisOptions,
): LiveRedis | LiveCluster {
  const { kind, nodes, name, db, username, password } = address;
  const [first = { host: '', port: 0 }] = nodes;
  const { sentinelPassword } = server;
  const tls = tlsOf(address, server);
  const options: RedisOptions = {
    ...role,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    // Where nothing is asked, the kernel's probes find a connection that is gone: after 4 s, then 10 of 1 s.
    keepAlive: 4_000,
  };
  switch (kind) {
    case 'server':
      return new LiveRedis({
        ...options,
        ...first,
        db,
        ...(tls && { tls }),
        lazyConnect: true,
        retryStrategy: pause,
      });
    case 'sentinel':
      return new LiveRedis({
        ...options,
        sentinels: nodes,
        name,
        db,
        ...(sentinelPassword !== undefined && { sentinelPassword }),
        ...(tls && { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
        connectTimeout: CONNECT_MS,
        sentinelCommandTimeout: CONNECT_MS,
        lazyConnect: true,
        retryStrategy: pause,
        sentinelRetryStrategy: pause,
        // A primary that is frozen or cut off closes nothing: without it clients write there until it is demoted, and all
        // that is lost (measured: 1,960 of 3,090; with it none).
        failoverDetector: true,
        // A Sentinel that was restarted is listened to again.
        sentinelReconnectStrategy: pause,
        // Demoted while the connection stood: ask the Sentinels anew.
        reconnectOnError: (error) => error.message.startsWith('READONLY'),
      });
    case 'cluster':
      return new LiveCluster(nodes, {
        redisOptions: {
          ...options,
          connectTimeout: CONNECT_MS,
          // Nodes that give their IP for an address show the certificate of the one name by which they are found.
          ...(tls && {
            tls:
              nodes.length === 1 && isIP(first.host) === 0
                ? { ...tls, servername: first.host }
                : tls,
          }),
        },
        lazyConnect: true,
        // Certificates are for names, so these are kept.
        dnsLookup: (host, done) => done(null, host),
        // A node that is frozen answers no MOVED, so whose the slots are is asked every 2 s. That is for who sends nothing
        // there: who does was as quick by its socket timeout alone (measured: 6.4 s without this, 6.0 and 7.4 s with it).
        slotsRefreshInterval: 2_000,
        slotsRefreshTimeout: 2_000,
        clusterRetryStrategy: pause,
        // Until a replica has taken over: a worker waits for that, a producer until its command times out.
        maxRedirections: Number.POSITIVE_INFINITY,
        retryDelayOnFailover: 200,
        retryDelayOnClusterDown: 200,
        // Two nodes that name each other while a slot moves.
        retryDelayOnMoved: 20,
      });
  }
}

/** Undefined where nothing is encrypted. */
export function tlsOf(
  { tls }: Pick<RedisAddress, 'tls'>,
  { ca, cert, key }: Omit<RedisServer, 'url'>,
): ConnectionOptions | undefined {
  if (!tls) return undefined;
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}
