import { type FolderRef, folderKey } from '@ms1/contracts';
import { defineScript, gatherScript, Keeper, storeKey } from '@ms1/redis';

import { type Arrivals, BUCKET_MS, BUCKETS, type PushYield, toPushYield } from './push-yield.ts';

/** ms; a folder that is walked no more is forgotten after a day */
const KEPT_MS = 24 * 3_600_000;

/**
 *     KEYS  folder     ARGV  bucket, announced, unannounced, late ms, walkedAt, oldest bucket kept, ttl
 *
 * Adds to the bucket, drops those that are too old, and answers with everything: one command a walk.
 */
const RECORD_LUA = `
local names = { ':a', ':u', ':l' }
for i, name in ipairs(names) do
  if tonumber(ARGV[i + 1]) > 0 then redis.call('HINCRBY', KEYS[1], ARGV[1] .. name, ARGV[i + 1]) end
end
redis.call('HSET', KEYS[1], 'walkedAt', ARGV[5])
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  local bucket = string.match(field, '^(%d+):')
  if bucket and tonumber(bucket) < tonumber(ARGV[6]) then redis.call('HDEL', KEYS[1], field) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[7])
return redis.call('HGETALL', KEYS[1])
`;

/** Folders a command: 500 x 5 us keep Redis for 3 ms. */
const CHUNK = 500;

/**     KEYS  folders */
const READ_MANY_LUA = `
local answer = {}
for i, key in ipairs(KEYS) do answer[i] = redis.call('HGETALL', key) end
return answer
`;

/**
 * How much of a folder's new mail notifications announced before its walk found it, and how late: the
 * last hour, in buckets of five minutes. Also when the folder was last walked to its end.
 */
export class PushYieldStore extends Keeper {
  readonly #record = gatherScript(this.redis, 'ms1PushYieldRecord', RECORD_LUA);
  readonly #readMany = defineScript(this.redis, 'ms1PushYieldReadMany', READ_MANY_LUA);

  /** Notes a walk that came to its end, and answers with what is known with it. */
  async record(folder: FolderRef, arrivals: Arrivals): Promise<PushYield> {
    const now = this.clock.now();
    const bucket = Math.floor(now / BUCKET_MS);
    const { announced, unannounced, lateMs } = arrivals;
    const counts = [announced, unannounced, Math.round(lateMs)];
    const flat = (await this.#record(
      [this.#key(folder)],
      [bucket, ...counts, now, bucket - BUCKETS + 1, KEPT_MS],
    )) as string[];
    return toPushYield(fieldsOf(flat), bucket);
  }

  /** Null for a folder that was not walked to its end within a day. One command for 500, in their order. */
  async readMany(folders: readonly FolderRef[]): Promise<(PushYield | null)[]> {
    if (folders.length === 0) return [];
    const bucket = Math.floor(this.clock.now() / BUCKET_MS);
    const found: (PushYield | null)[] = [];
    for (let start = 0; start < folders.length; start += CHUNK) {
      const keys = folders.slice(start, start + CHUNK).map((folder) => this.#key(folder));
      for (const flat of (await this.#readMany(keys, [])) as string[][]) {
        const fields = fieldsOf(flat);
        found.push(fields['walkedAt'] === undefined ? null : toPushYield(fields, bucket));
      }
    }
    return found;
  }

  /** Until when the folder is walked more often; a time that is past ends it. */
  async walkSooner(folder: FolderRef, until: number): Promise<void> {
    await this.redis.hset(this.#key(folder), 'soonerUntil', until);
  }

  /** Asks for the folder's subscription to be made anew: whoever renews reads {@link rebuildsAsked}. */
  async askRebuild(folder: FolderRef): Promise<void> {
    await this.redis
      .multi()
      .hset(this.#key(folder), 'rebuildAskedAt', this.clock.now())
      .sadd(this.#rebuilds(), folderKey(folder))
      .exec();
  }

  /** Those of `folders` whose subscription is to be made anew. */
  async rebuildsAsked<F extends FolderRef>(folders: readonly F[]): Promise<F[]> {
    const asked = new Set(await this.redis.smembers(this.#rebuilds()));
    return folders.filter((folder) => asked.has(folderKey(folder)));
  }

  async rebuilt(folder: FolderRef): Promise<void> {
    await this.redis.srem(this.#rebuilds(), folderKey(folder));
  }

  #key(folder: FolderRef): string {
    return storeKey(this.prefix, 'poller', 'push', folderKey(folder));
  }

  #rebuilds(): string {
    return storeKey(this.prefix, 'poller', 'push-rebuilds');
  }
}

/** What HGETALL answers inside a script: names and values in turn. */
function fieldsOf(flat: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) fields[flat[i] ?? ''] = flat[i + 1] ?? '';
  return fields;
}
