import type { Clock } from '@ms1/runtime';
import pTimeout from 'p-timeout';

import { ownerOf } from './owner-of.ts';
import type { Redis } from './redis.ts';
import { refuseEviction } from './redis-server-facts.ts';
import type { TokenLogin } from './token-login.ts';

export interface RedisCheckOptions {
  /** of the keys that the process writes: a node that does not have their slot is no use to it */
  prefix: string;
  /** ms of a clock that never jumps; default `performance.now` */
  clock?: Clock;
}

/** What Redis answers to a write that it does not take, in words for whoever has to mend it. */
const REFUSALS: Record<string, string> = {
  READONLY: 'Redis is read-only: this is a replica, or a failover left the connection on one',
  OOM: 'Redis is full and takes no write: give it more maxmemory, or find what filled it',
  MOVED: 'Redis is a node of a cluster that does not have our keys: give it a Redis that has all',
  CLUSTERDOWN: 'the Cluster of Redis is down: some of its slots have no node',
  LOADING: 'Redis is still loading its data',
  MASTERDOWN: 'Redis is a replica without its master',
  MISCONF: 'Redis cannot save to its disk and takes no write',
  NOREPLICAS: 'Redis has too few replicas and takes no write',
  NOAUTH: 'Redis wants a password',
  WRONGPASS: 'Redis refuses our user or password',
  NOPERM: 'Redis does not let this user write our keys',
};

/** As ioredis says it, and how to have it say it otherwise; an operator needs neither. */
const GONE = 'MaxRetriesPerRequestError';

/** A look serves every probe of so many ms; a probe waits so long for its answer. */
const FRESH_MS = 2_000;
const WAIT_MS = 1_500;
/** s; whoever reads the keyspace sees from it that somebody probes */
const KEPT_S = 60;

/**
 * A readiness check that Redis takes our writes now and drops no key. It takes one round trip of at most 2 s, and never
 * starts a second one while the first is out, so that nothing piles up on a connection that hangs.
 *
 * @returns a check that throws with a sentence
 */
export function createRedisCheck(redis: Redis, options: RedisCheckOptions): () => Promise<void> {
  const { prefix, clock = performance } = options;
  let provedAt = Number.NEGATIVE_INFINITY;
  let out: Promise<void> | undefined;

  const prove = async (): Promise<void> => {
    (redis as { login?: TokenLogin | undefined }).login?.assertAccepted();
    // In one round trip; in a Cluster the first of them is sent on to wherever our keys are by now.
    const [written, read] = await Promise.allSettled([
      redis.set(`${prefix}:readiness:probe`, '1', 'EX', KEPT_S),
      readMemory(redis, prefix),
    ]);
    if (written.status === 'rejected') throw inWords(written.reason as Error);
    if (read.status === 'rejected') throw inWords(read.reason as Error);
    refuseEviction(read.value);
    provedAt = clock.now();
  };

  return async () => {
    if (clock.now() - provedAt < FRESH_MS) return;
    out ??= prove().finally(() => {
      out = undefined;
    });
    const message = `Redis has not answered for ${WAIT_MS} ms`;
    await pTimeout(out, { milliseconds: WAIT_MS, message });
  };
}

/** Async, so that a Cluster without a node for our keys is a refusal like any other. */
async function readMemory(redis: Redis, prefix: string): Promise<string> {
  return ownerOf(redis, prefix).info('memory');
}

function inWords(error: Error): Error {
  if (error.name === GONE) return new Error('Redis cannot be reached', { cause: error });
  const code = /^[A-Z]+/.exec(error.message)?.[0] ?? '';
  const words = REFUSALS[code];
  return words === undefined ? error : new Error(words, { cause: error });
}
