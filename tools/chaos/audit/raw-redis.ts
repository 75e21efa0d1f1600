import type { Redis } from 'ioredis';

/** Of docs/redis-keys.md, which is all that is taken from the fleet. */
const PREFIX = '{ms1}';
const MESSAGE_QUEUES = ['inbound', 'outbound'] as const;
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

/** A message's job, wherever it is. */
export interface Place {
  readonly queue: string;
  /** `wait`, `active`, `failed`; `hash only` where no list has it any more */
  readonly list: string;
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
      for (const id of await membersOf(redis, `${PREFIX}:${queue}:${list}`)) {
        if (id.startsWith('m-')) places.set(id.slice(2), { queue, list });
      }
    }
  }
  return places;
}

async function membersOf(redis: Redis, key: string): Promise<string[]> {
  const type = await redis.type(key);
  if (type === 'list') return redis.lrange(key, 0, -1);
  return type === 'zset' ? redis.zrange(key, 0, -1) : [];
}
