import { hashedId, QUEUES, shardOf, shardOfMailbox } from '@ms1/contracts';
import { defineScript, type Redis, scanKeys } from '@ms1/redis';

import { ARRIVE_LUA, LEAVE_LIST_LUA, LEAVE_SET_LUA } from './move-jobs.lua.ts';
import type { PayloadSealer } from './sealing/payload-sealer.ts';

export interface MoveJobsOptions {
  from: readonly string[];
  to: readonly string[];
  payloads: Pick<PayloadSealer, 'open'>;
  onMoved?: (count: number) => void;
}

/** A place for jobs in a queue, in one slot. */
interface Place {
  prefix: string;
  queue: string;
  /** BullMQ's name of it */
  name: string;
}

interface Held {
  id: string;
  /** of a sorted set; '' in a list */
  score: string;
}

type Fields = [name: string, value: Buffer][];

const LISTS = ['wait', 'paused', 'active'];
const SETS = ['prioritized', 'delayed', 'failed', 'completed'];
/** Jobs in hand: 6 MB of the largest. */
const PAGE = 100;

/**
 * Takes the jobs of `inbound` and `outbound` to the shards of their mailboxes, each in the state and the order it has, while
 * no process runs. Killed anywhere it is run again and comes to the same. A job that cannot be read here goes by its id:
 * it is found and taken there too.
 *
 * @returns how many changed their shard
 * @throws when a process takes jobs meanwhile
 */
export async function moveJobs(redis: Redis, options: MoveJobsOptions): Promise<number> {
  const { from, to } = options;
  const mover = new JobMover(redis, options);
  let moved = 0;
  for (const queue of [QUEUES.inbound, QUEUES.outbound]) {
    const metas = from.map((prefix) => redis.hexists(`${prefix}:${queue}:meta`, 'paused'));
    const isPaused = (await Promise.all(metas)).includes(1);
    for (const prefix of isPaused ? to : []) {
      await redis.hset(`${prefix}:${queue}:meta`, 'paused', '1');
    }
    for (const prefix of from) {
      for (const name of LISTS) moved += await mover.moveList({ prefix, queue, name });
      for (const name of SETS) moved += await mover.moveSet({ prefix, queue, name });
      if (to.includes(prefix)) continue;
      // What is left: counters, marks and events, and jobs that no list leads to.
      for await (const names of scanKeys(redis, prefix, `${prefix}:${queue}:*`)) {
        await redis.unlink(...names);
      }
    }
  }
  return moved;
}

class JobMover {
  readonly #redis: Redis;
  readonly #options: MoveJobsOptions;
  readonly #arrive: ReturnType<typeof defineScript>;
  readonly #leaveList: ReturnType<typeof defineScript>;
  readonly #leaveSet: ReturnType<typeof defineScript>;

  constructor(redis: Redis, options: MoveJobsOptions) {
    this.#redis = redis;
    this.#options = options;
    this.#arrive = defineScript(redis, 'ms1MoveJobsArrive', ARRIVE_LUA);
    this.#leaveList = defineScript(redis, 'ms1MoveJobsLeaveList', LEAVE_LIST_LUA);
    this.#leaveSet = defineScript(redis, 'ms1MoveJobsLeaveSet', LEAVE_SET_LUA);
  }

  async moveList(place: Place): Promise<number> {
    const key = keyOf(place, place.name);
    let moved = 0;
    for (let left = await this.#redis.llen(key); left > 0; left -= PAGE) {
      const ids = await this.#redis.lrange(key, -Math.min(PAGE, left), -1);
      const held = ids.toReversed().map((id) => ({ id, score: '' }));
      const leaving = await this.#arriveAll(place, held);
      const flags = held.flatMap(({ id }) => [id, leaving.has(id) ? 1 : 0]);
      await this.#leaveList([key], [keyOf(place, ''), ...flags]);
      moved += leaving.size;
    }
    return moved;
  }

  async moveSet(place: Place): Promise<number> {
    const key = keyOf(place, place.name);
    let moved = 0;
    for (let stayed = 0; ; ) {
      const page = await this.#redis.zrange(key, stayed, stayed + PAGE - 1, 'WITHSCORES');
      if (page.length === 0) return moved;
      const held = page.flatMap((id, index) =>
        index % 2 === 0 ? [{ id, score: page[index + 1] ?? '0' }] : [],
      );
      const leaving = await this.#arriveAll(place, held);
      if (leaving.size > 0) await this.#leaveSet([key], [keyOf(place, ''), ...leaving]);
      moved += leaving.size;
      stayed += held.length - leaving.size;
    }
  }

  /** @returns which of them have left */
  async #arriveAll(place: Place, held: readonly Held[]): Promise<Set<string>> {
    const { to, onMoved } = this.#options;
    const jobs = await Promise.all(held.map(({ id }) => this.#read(keyOf(place, id))));
    const found = held.map((one, index) => {
      const fields = jobs[index] ?? [];
      return { ...one, fields, prefix: to[this.#shardOf(one.id, fields)] ?? '' };
    });
    const leaving = found.filter(({ prefix }) => prefix !== place.prefix);
    // An id without a job is one that Redis has lost.
    const there = leaving.filter(({ fields }) => fields.length > 0);
    const byShard = Map.groupBy(there, ({ prefix }) => prefix);
    await Promise.all(
      [...byShard].map(([prefix, own]) => {
        const target = { ...place, prefix };
        return this.#arrive(
          [keyOf(target, place.name), ...own.map(({ id }) => keyOf(target, id))],
          own.flatMap(({ id, score, fields }) => [id, score, 2 * fields.length, ...fields.flat()]),
        );
      }),
    );
    if (leaving.length > 0) onMoved?.(leaving.length);
    return new Set(leaving.map(({ id }) => id));
  }

  async #read(key: string): Promise<Fields> {
    try {
      return Object.entries(await this.#redis.hgetallBuffer(key));
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return [];
      throw error;
    }
  }

  #shardOf(id: string, fields: Fields): number {
    const { to, payloads } = this.#options;
    const data = fields.find(([name]) => name === 'data')?.[1].toString() ?? '';
    let mailboxId: string | undefined;
    try {
      mailboxId = mailboxOf(payloads.open(id, JSON.parse(data)));
    } catch {
      // Nobody can read it, or nobody here.
    }
    return mailboxId === undefined
      ? shardOf(hashedId(id), to.length)
      : shardOfMailbox(mailboxId, to.length);
  }
}

/** Whose mailbox a job of any version is of. */
function mailboxOf(payload: unknown): string | undefined {
  const { mailboxId, record, stripped } = (payload ?? {}) as {
    mailboxId?: unknown;
    record?: { mailbox?: unknown };
    stripped?: { mailboxId?: unknown };
  };
  const found = mailboxId ?? record?.mailbox ?? stripped?.mailboxId;
  return typeof found === 'string' ? found : undefined;
}

function keyOf({ prefix, queue }: Place, name: string): string {
  return `${prefix}:${queue}:${name}`;
}
