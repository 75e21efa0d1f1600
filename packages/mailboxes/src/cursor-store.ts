import { type FolderRef, folderKey, mailboxPrefix } from '@ms1/contracts';
import { gatherScript, Keeper, type KeeperOptions, type Redis, storeKey } from '@ms1/redis';

import { FencedError } from './fenced-error.ts';

/** How far a folder was walked. */
export interface Cursor {
  /** Graph's next or delta link, opaque; null before the first page */
  link: string | null;
  /** RFC 3339: older mail is left alone; null when there is no such bound */
  since: string | null;
  /** ms since the epoch: everything received before was noticed, however far the link leads; since 0.2 */
  noticedTo?: number | null;
}

export interface StoredCursor extends Cursor {
  /** ms since the epoch */
  updatedAt: number;
}

const FENCE_LEFT_MS = 24 * 3_600_000;

/**     KEYS  cursor     ARGV  fence: raises the fence without touching the cursor, and reads it */
const CLAIM_LUA = `
local last = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0')
if tonumber(ARGV[1]) < last then return 0 end
redis.call('HSET', KEYS[1], 'fence', ARGV[1])
return redis.call('HMGET', KEYS[1], 'link', 'since', 'updatedAt', 'noticedTo')
`;

/**
 *     KEYS  cursor     ARGV  fence, then field, value, ... or nothing to clear
 *
 * Without a fence there is nothing to move on: the store has lost what the writer read, and a position
 * that outlived the messages before it would leave them out for ever.
 */
const WRITE_LUA = `
local last = redis.call('HGET', KEYS[1], 'fence')
if not last and ARGV[2] then return 0 end
if tonumber(ARGV[1]) < tonumber(last or '0') then return 0 end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'fence', unpack(ARGV))
return 1
`;

export function cursorKey(own: string, id: string): string {
  return storeKey(own, 'poller', 'cursor', id);
}

/**
 * The cursor of each folder, written only under the latest lease: compare-and-set by its fence. A
 * walker that was frozen past its lease can not put a cursor back that the next one has moved on. Those that are read or
 * written at once are one command a shard.
 */
export class CursorStore extends Keeper {
  readonly #claim = gatherScript(this.redis, 'ms1CursorClaim', CLAIM_LUA);
  readonly #write = gatherScript(this.redis, 'ms1CursorWrite', WRITE_LUA);
  readonly #shards: number;

  /** @param options.shards hash tags that mailboxes are spread over, as REDIS_SHARDS; default 1 */
  constructor(redis: Redis, options: KeeperOptions & { shards?: number } = {}) {
    super(redis, options);
    this.#shards = options.shards ?? 1;
  }

  /**
   * The cursor, or null before the first write. A walker passes its lease's `fence`: from then on
   * every walker before it is fenced, also one that still writes before this one does.
   *
   * @throws {FencedError} when a later walker has read or written it
   */
  async read(folder: FolderRef, fence?: number): Promise<StoredCursor | null> {
    const key = this.#key(folder);
    const [link, since, updatedAt, noticedTo] =
      fence === undefined
        ? await this.redis.hmget(key, 'link', 'since', 'updatedAt', 'noticedTo')
        : await this.#claimed(key, fence);
    if (!updatedAt) return null;
    return {
      link: link || null,
      since: since || null,
      updatedAt: Number(updatedAt),
      noticedTo: Number(noticedTo) || null,
    };
  }

  /**
   * Moves on a cursor that was read with a fence.
   *
   * @throws {FencedError} when a later walker has read or written it, or Redis has lost it meanwhile: stop at once
   */
  async write(folder: FolderRef, { link, since, noticedTo }: Cursor, fence: number): Promise<void> {
    const fields = ['link', link ?? '', 'since', since ?? '', 'updatedAt', this.clock.now()];
    if (noticedTo) fields.push('noticedTo', noticedTo);
    await this.#apply(folder, fence, fields);
  }

  /**
   * Forgets the cursor, so that the next walk begins anew (Graph: 410, sync state lost). The fence stays.
   *
   * @throws {FencedError}
   */
  async clear(folder: FolderRef, fence: number): Promise<void> {
    await this.#apply(folder, fence, []);
  }

  /**
   * Forgets a folder that is not to be walked any more. The fence outlives it by a day, so that a
   * walker that was frozen meanwhile is still refused.
   *
   * @throws {FencedError}
   */
  async forget(folder: FolderRef, fence: number): Promise<void> {
    await this.clear(folder, fence);
    await this.redis.pexpire(this.#key(folder), FENCE_LEFT_MS);
  }

  async #apply(folder: FolderRef, fence: number, fields: (string | number)[]): Promise<void> {
    if ((await this.#write([this.#key(folder)], [fence, ...fields])) !== 1) {
      throw new FencedError(fence);
    }
  }

  async #claimed(key: string, fence: number): Promise<(string | null)[]> {
    const fields = await this.#claim([key], [fence]);
    if (!Array.isArray(fields)) throw new FencedError(fence);
    return fields as (string | null)[];
  }

  #key(folder: FolderRef): string {
    const own = mailboxPrefix(this.prefix, folder.mailboxId, this.#shards);
    return cursorKey(own, folderKey(folder));
  }
}
