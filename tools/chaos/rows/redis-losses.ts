import type { Redis } from 'ioredis';

import type { ChaosFleet } from '../chaos-fleet.ts';
import type { ChaosRow } from '../chaos-row.ts';
import type { Dice } from '../dice.ts';
import { frozen, RESTART_MS, within } from './process-waiting.ts';
import { RECONCILED_MS } from './reconciled.ts';

/** Of docs/redis-keys.md. */
const PREFIX = '{ms1}';
/** A folder's schedules are looked at every minute. */
const SYNC_MS = 65_000;
const WAITING = 20;

/** Keys of a pattern, deleted. */
async function remove(redis: Redis, pattern: string): Promise<number> {
  const keys: string[] = [];
  for await (const some of redis.scanStream({ match: `${PREFIX}:${pattern}`, count: 1_000 })) {
    keys.push(...(some as string[]));
  }
  return keys.length === 0 ? 0 : redis.del(...keys);
}

/** Deletes what is only a record of who does what, as often as it is made anew. */
const forgotten = (
  id: string,
  about: string,
  patterns: readonly string[],
  times: number,
): ChaosRow => ({
  id,
  about,
  recoveryMs: RESTART_MS,
  async inject({ redis: { admin } }, _dice, signal) {
    let count = 0;
    for (const pattern of patterns) {
      const some = async (): Promise<boolean> => {
        const removed = await remove(admin, pattern);
        count += removed;
        return removed > 0;
      };
      for (let time = 0; time < times; time += 1) {
        await within(20_000, `${pattern} is there to be deleted`, some, signal);
      }
    }
    return `deleted ${count} keys (${patterns.join(', ')})`;
  },
});

/** Does something to the jobs of a queue while nobody takes them. */
async function whileWaiting<T>(
  fleet: ChaosFleet,
  signal: AbortSignal,
  harm: (waiting: readonly string[]) => Promise<T>,
): Promise<T> {
  const { admin } = fleet.redis;
  const wait = `${PREFIX}:inbound:wait`;
  let done: T | undefined;
  await frozen(fleet.of('processor'), async () => {
    const isLong = async (): Promise<boolean> => (await admin.llen(wait)) >= WAITING;
    await within(25_000, `${WAITING} messages wait`, isLong, signal);
    done = await harm(await admin.lrange(wait, 0, -1));
  });
  return done as T;
}

const pickSome = (ids: readonly string[], dice: Dice): string[] =>
  dice.shuffle(ids).slice(0, WAITING / 2);

/**
 * What the fleet keeps in Redis and loses without Redis being lost. Controls: a hash that no list leads to keeps a new job
 * out (packages/queue/test/job-locator.itest.ts); a schedule without its next job never runs again by itself
 * (packages/queue/test/queue-base.itest.ts); without its fence a walker puts the position back
 * (apps/poller/test/frozen-walker.itest.ts). R18, a Redis whose clock jumps, is not here: its clock is that of the
 * machine, which is everybody's.
 */
export const REDIS_LOSSES: readonly ChaosRow[] = [
  {
    id: 'R14',
    about: 'job hashes are gone while their ids wait, as after an eviction',
    recoveryMs: RECONCILED_MS,
    async inject(fleet, dice, signal) {
      const { admin } = fleet.redis;
      const deleted = await whileWaiting(fleet, signal, (ids) =>
        admin.del(...pickSome(ids, dice).map((id) => `${PREFIX}:inbound:${id}`)),
      );
      if (deleted === 0) throw new Error('no job was deleted');
      return `deleted ${deleted} job hashes`;
    },
  },
  {
    id: 'R21',
    about: 'lists of waiting and active jobs are gone, the jobs are there',
    recoveryMs: RECONCILED_MS,
    async inject(fleet, _dice, signal) {
      const { admin } = fleet.redis;
      return whileWaiting(fleet, signal, async (waiting) => {
        const counts: string[] = [];
        for (const queue of ['inbound', 'outbound']) {
          const [wait, active] = [`${PREFIX}:${queue}:wait`, `${PREFIX}:${queue}:active`];
          counts.push(`${await admin.llen(wait)} and ${await admin.llen(active)} of ${queue}`);
          await admin.del(wait, active);
        }
        if (waiting.length === 0) throw new Error('nothing waited');
        return `forgot waiting and active: ${counts.join(', ')}`;
      });
    },
  },
  {
    ...forgotten('R17', 'records of schedules are deleted', ['polling:repeat*'], 1),
    recoveryMs: SYNC_MS,
    async after({ redis: { admin } }, signal) {
      const began = performance.now();
      const isBack = async (): Promise<boolean> =>
        (await admin.zcard(`${PREFIX}:polling:repeat`)) > 0;
      await within(SYNC_MS, 'folders are scheduled again', isBack, signal);
      return `scheduled again in ${Math.round((performance.now() - began) / 1_000)} s`;
    },
  },
  forgotten('R17a', 'leases of folders are deleted', ['lease:holder:*'], 3),
  forgotten(
    'R17b',
    'permits of requests to Graph are deleted',
    ['graph:slots:*', 'graph:mailbox:*'],
    3,
  ),
];
