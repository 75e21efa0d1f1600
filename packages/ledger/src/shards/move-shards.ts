import { shardOf, shardPrefixes } from '@ms1/contracts';
import { Keeper, type KeeperOptions, type Redis, scanKeys, storeKey } from '@ms1/redis';

import { ledgerKey, RETENTION_MS, totalsKey } from '../ledger.ts';
import { FIRST_SEEN_KINDS, type FirstSeenKind, firstSeenKey } from '../lookup/first-seen.ts';
import { lookupKey, lookupPattern } from '../lookup/lookup-index.ts';
import { readStored } from '../sessions/read-session.ts';
import { sessionCountsKey, sessionKey } from '../sessions/session-key.ts';
import { ShardSessions } from '../sessions/shard-sessions.ts';
import { readCounters } from './read-counters.ts';
import { ShardCount } from './shard-count.ts';

/** Messages can not be moved now. Nothing has changed. */
export class ShardsBusyError extends Error {
  readonly code = 'shards_busy';

  constructor(message: string) {
    super(message);
    this.name = 'ShardsBusyError';
  }
}

export interface MovedShards {
  /** ledger entries that changed their shard */
  entries: number;
  /** parts of the index by which mail is found, and repeated mail known */
  parts: number;
  sessions: number;
}

/** Prefixes of the shards. */
interface Way {
  from: readonly string[];
  to: readonly string[];
}

/** Fields a command: a few milliseconds of a Redis that nobody uses meanwhile. */
const LOOK = 1_000;

/**
 * Takes what is remembered of messages from so many shards to so many, while no process runs. Killed anywhere it is run
 * again and comes to the same: a key is there before it is gone from where it was, and the counters, of which there is
 * one sum, are written down before the first is touched.
 */
export class ShardMove extends Keeper {
  readonly #count: ShardCount;

  constructor(redis: Redis, options: KeeperOptions = {}) {
    super(redis, options);
    this.#count = new ShardCount(redis, options);
  }

  /**
   * @param options.refuse asked once no process can start any more: a sentence when one still runs
   * @param options.along moves what else is spread; killed it must come to the same when it is run again
   * @param options.onMoved told as entries move
   * @throws {ShardsBusyError} with what `refuse` says
   */
  async run(
    shards: number,
    options: {
      refuse: () => Promise<string | undefined>;
      along?: (way: Way) => Promise<void>;
      onMoved?: (moved: MovedShards) => void;
    },
  ): Promise<MovedShards> {
    const held = await this.#count.read();
    if (held.from !== held.to && held.to !== shards) {
      throw new ShardsBusyError(`they are being moved to ${held.to} shards: end that first`);
    }
    await this.#count.write({ from: held.from, to: shards });
    const refused = await options.refuse();
    if (refused !== undefined) {
      await this.#count.write(held);
      throw new ShardsBusyError(refused);
    }
    const way = {
      from: shardPrefixes(this.prefix, held.from),
      to: shardPrefixes(this.prefix, shards),
    };
    const moved: MovedShards = { entries: 0, parts: 0, sessions: 0 };
    const tell = (): void => options.onMoved?.({ ...moved });
    if (held.from !== shards) {
      await options.along?.(way);
      for (const prefix of way.from) {
        await this.#moveEntries(prefix, way.to, (count) => {
          moved.entries += count;
          tell();
        });
        const onPart = (): void => {
          moved.parts += 1;
          tell();
        };
        await this.#moveIndex(prefix, way.to, onPart);
        for (const kind of FIRST_SEEN_KINDS) {
          await this.#moveFirstSeen(kind, prefix, way.to, onPart);
        }
      }
      moved.sessions = await this.#moveSessions(way);
    }
    // In this order: the sums of one move are not to be taken for those of the next.
    await this.redis.unlink(this.#journal);
    await this.#count.write({ from: shards, to: shards });
    return moved;
  }

  async #moveEntries(
    prefix: string,
    to: readonly string[],
    onMoved: (count: number) => void,
  ): Promise<void> {
    const start = ledgerKey(prefix, '');
    for await (const names of scanKeys(this.redis, prefix, `${start}*`, 'string')) {
      const keys = names.map((name) => name.slice(start.length));
      const leaving = keys.filter((key) => to[shardOf(key, to.length)] !== prefix);
      const byShard = Map.groupBy(leaving, (key) => to[shardOf(key, to.length)] ?? '');
      await Promise.all(
        [...byShard].map(([target, own]) =>
          this.#carry(
            own.map((key) => ledgerKey(prefix, key)),
            own.map((key) => ledgerKey(target, key)),
          ),
        ),
      );
      if (leaving.length > 0) onMoved(leaving.length);
    }
  }

  async #moveIndex(prefix: string, to: readonly string[], onMoved: () => void): Promise<void> {
    for await (const names of scanKeys(this.redis, prefix, lookupPattern(prefix), 'string')) {
      for (const name of names) {
        const [day = 0, part = 0] = name.split(':').slice(-2).map(Number);
        const target = to[part % to.length] ?? '';
        if (target === prefix) continue;
        await this.#carry([name], [lookupKey(target, day, part)]);
        onMoved();
      }
    }
  }

  async #moveFirstSeen(
    kind: FirstSeenKind,
    prefix: string,
    to: readonly string[],
    onMoved: () => void,
  ): Promise<void> {
    const keyOf = (under: string, bucket: string): string => firstSeenKey(under, kind, bucket);
    for await (const names of scanKeys(this.redis, prefix, keyOf(prefix, '*'), 'hash')) {
      for (const name of names) {
        const bucket = name.slice(keyOf(prefix, '').length);
        const target = to[Number(bucket) % to.length] ?? '';
        if (target === prefix) continue;
        const fields = await this.redis.hkeysBuffer(name);
        const ttl = await this.redis.pttl(name);
        const there = keyOf(target, bucket);
        for (let start = 0; start < fields.length; start += LOOK) {
          const some = fields.slice(start, start + LOOK);
          const values = await this.redis.hmgetBuffer(name, ...some);
          await this.redis.hset(there, ...some.flatMap((one, k) => [one, values[k] ?? '']));
        }
        if (ttl > 0) await this.redis.pexpire(there, ttl);
        await this.redis.unlink(name);
        onMoved();
      }
    }
  }

  /** Strings, of one slot to one slot, with the time that they have left. */
  async #carry(from: readonly string[], to: readonly string[]): Promise<void> {
    const read = this.redis.pipeline();
    for (const name of from) read.getBuffer(name).pttl(name);
    const found = await answersOf(read);
    const write = this.redis.pipeline();
    for (const [index, name] of to.entries()) {
      const [text, ttl] = [found[2 * index] as Buffer | null, Number(found[2 * index + 1])];
      if (text !== null && ttl > 0) write.set(name, text, 'PX', ttl);
      else if (text !== null) write.set(name, text);
    }
    await answersOf(write);
    await this.redis.unlink(...from);
  }

  /** Counters become one sum, in the first shard; how a session stands is told to all. */
  async #moveSessions({ from, to }: Way): Promise<number> {
    const ids = await this.redis.zrange(storeKey(this.prefix, 'session', 'index'), 0, -1);
    const counters = (keyOf: (prefix: string) => string) =>
      [...new Set([...from, ...to])].map((prefix) => keyOf(prefix));
    const sum = async (field: string, keyOf: (prefix: string) => string): Promise<void> => {
      const keys = counters(keyOf);
      const sums = JSON.stringify(await readCounters(this.redis, keys));
      await this.redis.hsetnx(this.#journal, field, sums);
    };
    await sum('', totalsKey);
    for (const id of ids) await sum(id, (prefix) => sessionCountsKey(prefix, id));

    const [first = ''] = to;
    const put = async (field: string, keyOf: (prefix: string) => string): Promise<void> => {
      const json = await this.redis.hget(this.#journal, field);
      const sums = Object.entries(JSON.parse(json ?? '{}') as Record<string, string>);
      for (const key of counters(keyOf)) await this.redis.unlink(key);
      if (sums.length > 0) await this.redis.hset(keyOf(first), ...sums.flat());
    };
    await put('', totalsKey);
    const options = { prefix: this.prefix, shards: to.length, retentionMs: RETENTION_MS };
    const told = new ShardSessions(this.redis, options);
    const left = from.filter((prefix) => prefix !== this.prefix && !to.includes(prefix));
    for (const id of ids) {
      await put(id, (prefix) => sessionCountsKey(prefix, id));
      const stored = await readStored(this.redis, sessionKey(this.prefix, id));
      if (stored) await told.tell(id, stored.status);
      for (const prefix of left) await this.redis.unlink(sessionKey(prefix, id));
    }
    return ids.length;
  }

  get #journal(): string {
    return storeKey(this.prefix, 'store', 'moved-counts');
  }
}

async function answersOf(pipeline: ReturnType<Redis['pipeline']>): Promise<unknown[]> {
  return ((await pipeline.exec()) ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}
