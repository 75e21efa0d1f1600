import { ShardCount } from '@ms1/ledger';

import type { Check } from '../check.ts';

export const redisShards: Check = {
  name: 'redis.shards',
  about: 'Redis has its messages in as many shards as REDIS_SHARDS says',
  async run(installation) {
    await installation.redis();
    const { KEY_PREFIX: prefix, REDIS_SHARDS: shards } = installation.settings.get('shared');
    const { from, to } = await new ShardCount(await installation.connect(), { prefix }).read();
    if (from !== to) {
      return {
        status: 'fail',
        seen: `Redis is being moved from ${from} to ${to} shards`,
        remedy: `end it with ms1 shards --to ${to} --yes: no process starts meanwhile`,
      };
    }
    if (from === shards) return { status: 'ok', seen: `${shards} of ${shards}` };
    return {
      status: 'fail',
      seen: `REDIS_SHARDS is ${shards}, and Redis has ${from}`,
      remedy: `set it to ${from}, or stop all processes and move with ms1 shards --to ${shards} --yes; no process starts otherwise`,
    };
  },
};
