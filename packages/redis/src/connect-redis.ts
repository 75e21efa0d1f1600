import type { Redis, RedisOptions } from 'ioredis';
import pTimeout, { TimeoutError } from 'p-timeout';

import { LiveRedis } from './live-redis.ts';
import { refuseUnfit } from './redis-server-facts.ts';
import { describeRedisUrl, RedisUnavailableError } from './redis-unavailable-error.ts';

/**
 * producer  adds jobs for somebody who waits for an answer: a frozen Redis must become an error
 *           quickly (1.5 s), never a hang
 * worker    belongs to a Worker or to what it calls: it waits for Redis to come back
 */
export type RedisRole = 'producer' | 'worker';

export interface ConnectRedisOptions {
  url: string;
  role: RedisRole;
  /** CLIENT SETNAME, so that an operator sees whose connection it is */
  name: string;
  /** called at most once a second with the latest connection error; ioredis reconnects by itself */
  onError?: (error: Error, count: number) => void;
  /** ms to wait for Redis at start; default 5000, so that a fleet may start together with its Redis */
  startTimeoutMs?: number;
  /** true for who looks at a Redis that a process must refuse, and keeps nothing there; default false */
  mayEvict?: boolean;
}

const RETRY_MS_MAX = 2_000;

const ROLE_OPTIONS: Record<RedisRole, RedisOptions> = {
  // A command that timed out may still be applied later, hence deterministic job ids everywhere
  // (docs/reliability.md#a-redis-that-hangs).
  producer: { commandTimeout: 1_500, maxRetriesPerRequest: 1, socketTimeout: 3_000 },
  // BullMQ refuses anything but null on a blocking connection; commandTimeout would end blocking reads. A worker asks for
  // jobs every 5 s, so 6 s more without an answer find a connection that is gone within 15 s.
  worker: { maxRetriesPerRequest: null, socketTimeout: 6_000 },
};

/**
 * Opens a connection and proves that Redis answers and never evicts.
 *
 * @throws {RedisUnavailableError} when it does not answer within `startTimeoutMs`
 * @throws {RedisModeError} when it is a Sentinel or a node of a Cluster
 * @throws {RedisEvictsError} when its maxmemory-policy is not noeviction: it could drop jobs silently
 */
export async function connectRedis(options: ConnectRedisOptions): Promise<Redis> {
  const { url, role, name, onError, startTimeoutMs = 5_000, mayEvict = false } = options;
  const { commandTimeout, socketTimeout, ...roleOptions } = ROLE_OPTIONS[role];
  const redis = new LiveRedis(
    {
      ...roleOptions,
      connectionName: name,
      lazyConnect: true,
      // Where nothing is asked, the kernel's probes find a connection that is gone: after 4 s, then 10 of 1 s.
      keepAlive: 4_000,
      // Grows by 100 ms and stays at 2 s: BullMQ's own 20 s leaves a fleet idle long after Redis is back (measured).
      retryStrategy: (attempt) => Math.min(attempt * 100, RETRY_MS_MAX),
    },
    url,
  );
  let last: Error | undefined;
  redis.on('error', (error: Error) => {
    last = error;
  });
  // connect() rejects on the first refusal while ioredis goes on trying; readiness is what counts.
  redis.connect().catch((error: Error) => {
    last ??= error;
  });
  try {
    await becomesReady(redis, startTimeoutMs);
  } catch {
    redis.disconnect();
    throw new RedisUnavailableError(describeRedisUrl(url), { cause: last });
  }
  redis.on('error', limited(onError));
  try {
    await pTimeout(refuseUnfit(redis, mayEvict), { milliseconds: startTimeoutMs });
    // Only now: a host that is slow to start has the time it was promised, not that of a command.
    Object.assign(redis.options, { commandTimeout, socketTimeout });
    return redis;
  } catch (error) {
    redis.disconnect();
    if (!(error instanceof TimeoutError)) throw error;
    throw new RedisUnavailableError(describeRedisUrl(url), { cause: last ?? error });
  }
}

function becomesReady(redis: Redis, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('timeout')), timeoutMs);
    redis.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** An unreachable Redis emits errors by the thousand a second (measured: 7,250); a log needs one. */
function limited(onError: ConnectRedisOptions['onError']): (error: Error) => void {
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  return (error) => {
    count += 1;
    const now = performance.now();
    if (!onError || now - last < 1_000) return;
    last = now;
    onError(error, count);
    count = 0;
  };
}
