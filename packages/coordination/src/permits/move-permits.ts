import { shardOf } from '@ms1/contracts';
import { carryKey, type Redis, scanKeys } from '@ms1/redis';

import { parkedKey, slotsKey, stateKey } from './mailbox-keys.ts';

/**
 * Takes what is known of each mailbox's requests, and which of its jobs are parked, to its shard, while no process runs.
 * Killed anywhere it is run again and comes to the same.
 *
 * @returns how many mailboxes' states were moved
 */
export async function movePermits(
  redis: Redis,
  { from, to }: { from: readonly string[]; to: readonly string[] },
): Promise<number> {
  let moved = 0;
  for (const prefix of from) {
    for (const keyOf of [stateKey, slotsKey, parkedKey]) {
      const start = keyOf(prefix, '');
      for await (const names of scanKeys(redis, prefix, `${start}*`)) {
        for (const name of names) {
          const id = name.slice(start.length);
          const target = to[shardOf(id, to.length)] ?? '';
          if (target === prefix) continue;
          await carryKey(redis, name, keyOf(target, id));
          if (keyOf === stateKey) moved += 1;
        }
      }
    }
  }
  return moved;
}
