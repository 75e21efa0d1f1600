import { shardPrefixes } from '@ms1/contracts';
import type { KeeperOptions } from '@ms1/redis';

export interface ShardedOptions extends KeeperOptions {
  /** hash tags that messages are spread over, as REDIS_SHARDS; default 1: all under the prefix itself */
  shards?: number;
}

/** Where each message is remembered. Each shard is in one slot of a Cluster, and a script touches one shard alone. */
export class Shards {
  readonly prefixes: readonly string[];

  constructor(prefix: string, count = 1) {
    this.prefixes = shardPrefixes(prefix, count);
  }

  /**
   * Takes items to their shards, in chunks one after the other, all shards at once.
   *
   * @returns what `run` answered to each item, in the order of the items
   */
  async spread<T, R>(
    items: readonly T[],
    { shardOf, chunk }: { shardOf: (item: T, shards: number) => number; chunk: number },
    run: (prefix: string, items: T[]) => Promise<readonly R[]>,
  ): Promise<R[]> {
    const answers: R[] = [];
    const count = this.prefixes.length;
    const placed = items.map((item, index) => ({ item, index }));
    const own = Map.groupBy(placed, ({ item }) => shardOf(item, count));
    const inShard = async (shard: number, some: typeof placed): Promise<void> => {
      for (let start = 0; start < some.length; start += chunk) {
        const part = some.slice(start, start + chunk);
        const found = await run(
          this.prefixes[shard] ?? '',
          part.map(({ item }) => item),
        );
        for (const [at, { index }] of part.entries()) answers[index] = found[at] as R;
      }
    };
    await Promise.all([...own].map(([shard, some]) => inShard(shard, some)));
    return answers;
  }
}
