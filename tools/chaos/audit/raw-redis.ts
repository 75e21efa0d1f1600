import type { Redis } from 'ioredis';

/** Of docs/redis-keys.md, which is all that is taken from the fleet. */
const PREFIX = '{ms1}';
export const MESSAGE_QUEUES = ['inbound', 'outbound'] as const;
export const KEYS = {
  epoch: `${PREFIX}:store:epoch`,
  gate: `${PREFIX}:ms4:gate`,
  cursors: `${PREFIX}:poller:cursor:*`,
  subscriptions: `${PREFIX}:poller:subscriptions`,
  totals: `${PREFIX}:ledger-totals:counts`,
  list: (queue: string, name: string) => `${PREFIX}:${queue}:${name}`,
};
const LISTS = ['wait', 'paused', 'active'] as const;
const SETS = ['prioritized', 'delayed', 'failed'] as const;
const STATES: Readonly<Record<string, string>> = {
  q: 'queued',
  p: 'prepared',
  d: 'delivered',
  s: 'skipped',
  x: 'dead',
};

/** What the fleet's ledger has of a message. */
export interface Fate {
  readonly state: string;
  readonly reason: string;
}

/** The list that a message's job is in. */
export interface Place {
  readonly queue: string;
  /** `wait`, `active`, `failed` */
  readonly list: string;
}

/** A dead letter: a job that has failed for good. */
export interface Letter {
  readonly key: string;
  readonly queue: string;
  readonly reason: string;
  /** ms since the epoch; NaN where the job does not say */
  readonly createdAt: number;
  readonly failedAt: number;
}

/** How often a message's job was begun, and of how many times that it may be. */
export interface Attempts {
  readonly made: number;
  readonly max: number;
  readonly started: number;
  readonly stalled: number;
}

export async function fatesOf(redis: Redis, keys: readonly string[]): Promise<Map<string, Fate>> {
  const fates = new Map<string, Fate>();
  for (let from = 0; from < keys.length; from += 1_000) {
    const some = keys.slice(from, from + 1_000);
    const values = await redis.mget(some.map((key) => `${PREFIX}:ledger:${key}`));
    for (const [index, value] of values.entries()) {
      const key = some[index];
      if (!value || key === undefined) continue;
      const [head = '', , , , , , reason = ''] = value.split('|');
      fates.set(key, { state: STATES[head[1] ?? ''] ?? `unknown (${head})`, reason });
    }
  }
  return fates;
}

/** Where every message's job is now, read from BullMQ's own lists. */
export async function placesOf(redis: Redis): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const queue of MESSAGE_QUEUES) {
    for (const list of [...LISTS, ...SETS]) {
      for (const id of await membersOf(redis, KEYS.list(queue, list))) {
        if (id.startsWith('m-')) places.set(id.slice(2), { queue, list });
      }
    }
  }
  return places;
}

export async function lettersOf(redis: Redis): Promise<Letter[]> {
  const letters: Letter[] = [];
  for (const queue of MESSAGE_QUEUES) {
    for (const id of await membersOf(redis, KEYS.list(queue, 'failed'))) {
      const [reason, created, finished] = await redis.hmget(
        KEYS.list(queue, id),
        'failedReason',
        'timestamp',
        'finishedOn',
      );
      const [createdAt, failedAt] = [Number(created ?? Number.NaN), Number(finished ?? Number.NaN)];
      letters.push({
        key: id.replace(/^m-/, ''),
        queue,
        reason: reason ?? '',
        createdAt,
        failedAt,
      });
    }
  }
  return letters;
}

/** Messages by state, as the fleet counts them. */
export async function totalsOf(redis: Redis): Promise<Record<string, number>> {
  const counted = await redis.hgetall(KEYS.totals);
  return Object.fromEntries(
    Object.entries(STATES).map(([letter, state]) => [state, Number(counted[letter] ?? 0)]),
  );
}

async function membersOf(redis: Redis, key: string): Promise<string[]> {
  const type = await redis.type(key);
  if (type === 'list') return redis.lrange(key, 0, -1);
  return type === 'zset' ? redis.zrange(key, 0, -1) : [];
}
