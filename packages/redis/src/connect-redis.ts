import type { TrustedNetwork } from '@ms1/runtime';
import type { RedisOptions } from 'ioredis';
import pTimeout, { TimeoutError } from 'p-timeout';

import { refuseLackingRights } from './lacking-rights.ts';
import { openClient } from './open-client.ts';
import type { Redis } from './redis.ts';
import { parseRedisUrl, type RedisAddress } from './redis-address.ts';
import { refuseUnfit, serversOf } from './redis-server-facts.ts';
import { RedisUnavailableError, SentinelUnavailableError } from './redis-unavailable-error.ts';
import type { RightsOf } from './rights.ts';
import { type FetchRedisToken, TokenLogin } from './token-login.ts';
import { troubleAt } from './trouble-at.ts';
import { refuseUntrusted } from './untrusted-peer.ts';

/**
 * producer  adds jobs for somebody who waits for an answer: a frozen Redis must become an error
 *           quickly (1.5 s), never a hang
 * worker    belongs to a Worker or to what it calls: it waits for Redis to come back
 */
export type RedisRole = 'producer' | 'worker';

/** Where Redis is, and how it lets us in. */
export interface RedisServer {
  /** as REDIS_URL */
  url: string;
  /** PEM */
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  /** of the Sentinels themselves */
  sentinelPassword?: string | undefined;
  /** where the password is a token that expires, in place of user and password of the URL */
  fetchToken?: FetchRedisToken | undefined;
  /** that must confirm new mail; undefined: one where there are any */
  waitReplicas?: number | undefined;
  /** where it may be without TLS and without a password */
  trusted?: TrustedNetwork | undefined;
}

export interface ConnectRedisOptions extends RedisServer {
  role: RedisRole;
  /** CLIENT SETNAME, so that an operator sees whose connection it is */
  name: string;
  /** called at most once a second with the latest connection error; ioredis reconnects by itself */
  onError?: (error: Error, count: number) => void;
  /** ms to wait for Redis at start; default 5000, so that a fleet may start together with its Redis */
  startTimeoutMs?: number;
  /** tried at the start, where given: all that the role may ever do with keys of each prefix */
  rights?: { role: RightsOf; prefixes: readonly string[] };
  /** true for who looks at a Redis that a process must refuse, and keeps nothing there; default false */
  mayEvict?: boolean;
}

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
 * @throws {RedisTokenRefusedError} when there is no token for our identity
 * @throws {LackingRightError} when our user may not do what its role does
 * @throws {RedisModeError} when it is something else than its URL says
 * @throws {UntrustedPeerError} when it has neither TLS nor a password, and is not known to be ours
 * @throws {RedisEvictsError} when its maxmemory-policy is not noeviction: it could drop jobs silently
 */
export async function connectRedis(options: ConnectRedisOptions): Promise<Redis> {
  const { url, role, name, onError, startTimeoutMs = 5_000, rights, mayEvict = false } = options;
  const { commandTimeout, socketTimeout, ...roleOptions } = ROLE_OPTIONS[role];
  const login = options.fetchToken && (await TokenLogin.open(options.fetchToken));
  const address: RedisAddress = {
    ...parseRedisUrl(url),
    ...(login && { username: login.current.username, password: login.current.token }),
  };
  const redis = openClient(address, options, { ...roleOptions, connectionName: name });
  redis.logInBy(login);
  redis.once('end', () => login?.close());
  redis.waitReplicas = options.waitReplicas;
  let last: Error | undefined;
  const remember = (error: Error): void => {
    last = error;
  };
  // A Cluster tells of a node that fails by an event of its own, and by `error` that all of them do.
  redis.on('error', (error: Error & { lastNodeError?: Error }) => {
    remember(error.lastNodeError ?? error);
  });
  redis.on('node error', remember);
  // connect() rejects on the first refusal while ioredis goes on trying; readiness is what counts.
  redis.connect().catch((error: Error) => {
    last ??= error;
  });
  try {
    await becomesReady(redis, startTimeoutMs);
  } catch {
    redis.disconnect();
    const trouble = await troubleAt(address, options);
    throw trouble && address.kind === 'sentinel'
      ? new SentinelUnavailableError(address, trouble)
      : new RedisUnavailableError(address, trouble ?? last);
  }
  const report = limited(onError);
  redis.on('error', report);
  redis.on('node error', report);
  try {
    const proof = async (): Promise<void> => {
      for (const prefix of rights?.prefixes ?? []) {
        if (rights) await refuseLackingRights(redis, { role: rights.role, prefix });
      }
      await refuseUnfit(redis, address.kind, mayEvict);
      refuseUntrusted(serversOf(redis), address, {
        isLoggedIn: login !== undefined,
        trusted: options.trusted,
      });
    };
    await pTimeout(proof(), { milliseconds: startTimeoutMs });
    // Only now: a host that is slow to start has the time it was promised, not that of a command.
    setTimes(redis, { commandTimeout, socketTimeout });
    return redis;
  } catch (error) {
    redis.disconnect();
    if (!(error instanceof TimeoutError)) throw error;
    throw new RedisUnavailableError(address, last ?? error);
  }
}

/** The times that a connection has for an answer, from now on. */
export function setTimes(
  redis: Redis,
  times: Pick<RedisOptions, 'commandTimeout' | 'socketTimeout'>,
): void {
  if (!('redisOptions' in redis.options)) {
    Object.assign(redis.options, times);
    return;
  }
  // Of those that are made later, and of those that are there.
  Object.assign(redis.options.redisOptions ?? {}, times);
  for (const node of (redis as Extract<Redis, { nodes: unknown }>).nodes()) {
    Object.assign(node.options, times);
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
