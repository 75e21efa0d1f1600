import { randomBytes } from 'node:crypto';
import { defineScript, Keeper, storeKey } from '@ms1/redis';
import { z } from 'zod';

/** One life of the store. Whoever remembers another one than Redis has, remembers what Redis has lost. */
export const Epoch = z.object({
  id: z.string(),
  /** ms since the epoch, as all times here */
  bornAt: z.number(),
  /** when it took the place of one that was lost; null: of none that anybody remembers */
  resetAt: z.number().nullable(),
});
export type Epoch = z.infer<typeof Epoch>;

/**
 *     KEYS  epoch     ARGV  JSON of a new epoch, id of the one remembered or '', now
 *
 * Begins an epoch where there is none. With another id than the one that is there: notes that it
 * was a reset, which whoever began it may not have known.
 */
const BEGIN_LUA = `
local stored = redis.call('GET', KEYS[1])
if not stored then
  redis.call('SET', KEYS[1], ARGV[1])
  return ARGV[1]
end
local epoch = cjson.decode(stored)
if ARGV[2] ~= '' and ARGV[2] ~= epoch.id and epoch.resetAt == cjson.null then
  epoch.resetAt = tonumber(ARGV[3])
  stored = cjson.encode(epoch)
  redis.call('SET', KEYS[1], stored)
end
return stored
`;

/** The key whose loss tells that the store was lost. */
export class StoreEpoch extends Keeper {
  readonly key = storeKey(this.prefix, 'store', 'epoch');
  readonly #begin = defineScript(this.redis, 'ms1EpochBegin', BEGIN_LUA);

  /** The epoch, begun if there is none. */
  async begin(): Promise<Epoch> {
    return this.#apply(this.#new(null), '');
  }

  /** Puts back an epoch whose key alone was lost. */
  async keep(epoch: Epoch): Promise<Epoch> {
    return this.#apply(epoch, '');
  }

  /** The epoch that took the place of the one that is remembered, as a reset. */
  async succeed(remembered: Epoch): Promise<Epoch> {
    return this.#apply(this.#new(this.clock.now()), remembered.id);
  }

  #new(resetAt: number | null): Epoch {
    return { id: randomBytes(6).toString('base64url'), bornAt: this.clock.now(), resetAt };
  }

  async #apply(epoch: Epoch, remembered: string): Promise<Epoch> {
    const args = [JSON.stringify(epoch), remembered, this.clock.now()];
    return readEpoch((await this.#begin([this.key], args)) as string);
  }
}

export function readEpoch(json: string): Epoch {
  return Epoch.parse(JSON.parse(json));
}
