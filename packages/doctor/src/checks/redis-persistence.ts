import type { Check } from '../check.ts';
import type { RedisServer } from '../installation.ts';

const REMEDY =
  'set appendonly yes and appendfsync everysec: then a crash of Redis costs at most its last second, which the mailboxes give back';

export const redisPersistence: Check = {
  name: 'redis.persistence',
  about: 'acknowledged writes survive a restart of Redis',
  async run(installation) {
    const info = await installation.redisInfo();
    const log = info.get('aof_enabled') === '1';
    const refused = ['aof_last_write_status', 'rdb_last_bgsave_status'].filter(
      (name) => info.get(name) === 'err',
    );
    if (refused.length > 0) {
      return {
        status: 'fail',
        seen: `Redis could not write to its disk (${refused.join(', ')})`,
        remedy: 'give Redis room and rights on its disk; its own log says what is wrong',
      };
    }
    if (log) return { status: 'ok', seen: 'the append-only file is on' };
    const snapshots = await snapshotsOf(await installation.redis());
    if (snapshots === null) {
      return {
        status: 'warn',
        seen: 'there is no append-only file, and Redis does not say whether it makes snapshots',
        remedy: `${REMEDY}; of a managed Redis, look at its settings`,
      };
    }
    if (snapshots) {
      const seen = 'only snapshots: a crash costs the minutes since the last one';
      return { status: 'warn', seen, remedy: REMEDY };
    }
    return { status: 'fail', seen: 'nothing is written to disk', remedy: REMEDY };
  },
};

/** null: CONFIG is refused, as managed services do */
async function snapshotsOf(redis: RedisServer): Promise<boolean | null> {
  try {
    const [, rules = ''] = (await redis.config('GET', 'save')) as string[];
    return rules !== '';
  } catch {
    return null;
  }
}
