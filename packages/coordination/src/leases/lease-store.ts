import { hashedId } from '@ms1/contracts';
import { defineScript, gatherScript, Keeper, storeKey } from '@ms1/redis';

import { ACQUIRE_LUA, RELEASE_LUA, RENEW_LUA } from './lease.lua.ts';

/** An exclusive right that expires. */
export interface Lease {
  /** higher than that of every earlier holder: whoever writes under a lease sends it along */
  readonly fence: number;
  /** ms until it expires, from when it was taken or last renewed */
  readonly ttlMs: number;
  /** Starts its time anew. False when it was lost: stop, another may hold it already. */
  renew(): Promise<boolean>;
  /** Gives it back; does nothing when it was lost. */
  release(): Promise<void>;
}

/**
 * Leases in Redis, on Redis's time. A holder that is killed or frozen loses its lease after `ttlMs`; its fence tells it
 * apart from the next holder. Those that are taken or given back at once are one command.
 */
export class LeaseStore extends Keeper {
  readonly #acquire = gatherScript(this.redis, 'ms1LeaseAcquire', ACQUIRE_LUA);
  readonly #renew = defineScript(this.redis, 'ms1LeaseRenew', RENEW_LUA);
  readonly #release = gatherScript(this.redis, 'ms1LeaseRelease', RELEASE_LUA);

  /** Takes the lease `name` for `ttlMs`; null while another holds it. */
  async acquire(name: string, ttlMs: number): Promise<Lease | null> {
    const id = hashedId(name);
    const key = storeKey(this.prefix, 'lease', 'holder', id);
    const keys = [key, storeKey(this.prefix, 'lease', 'fence', id)];
    const fence = (await this.#acquire(keys, [ttlMs])) as number | null;
    if (fence === null) return null;
    return {
      fence,
      ttlMs,
      renew: async () => (await this.#renew([key], [fence, ttlMs])) === 1,
      release: async () => {
        await this.#release([key], [fence]);
      },
    };
  }

  /** Forgets how often it was taken. Fences go on growing, because they follow Redis's time. */
  async forget(name: string): Promise<void> {
    await this.redis.del(storeKey(this.prefix, 'lease', 'fence', hashedId(name)));
  }
}
