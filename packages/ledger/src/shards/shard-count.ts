import {
  defineScript,
  Keeper,
  type KeeperOptions,
  type Redis,
  RedisStartError,
  storeKey,
} from '@ms1/redis';

import { totalsKey } from '../ledger.ts';

/** Redis has its messages in other shards than a process looks in. */
class OtherShardsError extends RedisStartError {
  readonly code = 'redis_other_shards';

  constructor(held: string, shards: number) {
    const [from, to] = held.split('>');
    super(
      to === undefined
        ? `REDIS_SHARDS is ${shards}, and Redis has ${from}: set it to ${from}, or stop all processes and ` +
            `move with ms1 shards --to ${shards} --yes (docs/scaling.md)`
        : `Redis is being moved from ${from} to ${to} shards: end it with ms1 shards --to ${to} --yes (docs/scaling.md)`,
    );
    this.name = 'OtherShardsError';
  }
}

/**
 *     KEYS  shards, the ledger's totals where there is one shard     ARGV  shards that somebody is configured for
 *
 * Returns how many there are. What has messages and no number is of before there were shards: one.
 */
const CLAIM_LUA = `
local held = redis.call('GET', KEYS[1])
if held then return held end
held = redis.call('EXISTS', KEYS[2]) == 1 and '1' or ARGV[1]
redis.call('SET', KEYS[1], held)
return held
`;

/** Over how many shards this Redis has its messages spread. While they are moved it is `from>to`, and nobody may work. */
export class ShardCount extends Keeper {
  readonly #claim: ReturnType<typeof defineScript>;

  constructor(redis: Redis, options: KeeperOptions = {}) {
    super(redis, options);
    this.#claim = defineScript(redis, 'ms1ClaimShards', CLAIM_LUA);
  }

  /**
   * The first process of an installation says how many there are.
   *
   * @param atStart has Redis asked again where it does not answer
   * @throws {OtherShardsError} when there are others than it is configured for
   */
  async claim(
    shards: number,
    atStart: (work: () => Promise<unknown>) => Promise<unknown> = (work) => work(),
  ): Promise<void> {
    const keys = [this.#key, totalsKey(this.prefix)];
    const held = await atStart(() => this.#claim(keys, [shards]));
    if (held !== String(shards)) throw new OtherShardsError(String(held), shards);
  }

  /** How many there are, and how many there are to be, where they are being moved. */
  async read(): Promise<{ from: number; to: number }> {
    const [from, to = from] = ((await this.redis.get(this.#key)) ?? '1').split('>').map(Number);
    return { from: from ?? 1, to: to ?? 1 };
  }

  async write({ from, to }: { from: number; to: number }): Promise<void> {
    await this.redis.set(this.#key, from === to ? String(to) : `${from}>${to}`);
  }

  get #key(): string {
    return storeKey(this.prefix, 'store', 'shards');
  }
}
