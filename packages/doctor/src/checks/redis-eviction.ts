import type { Check } from '../check.ts';

export const redisEviction: Check = {
  name: 'redis.eviction',
  about: 'Redis never drops a key when memory runs out',
  async run(installation) {
    const policy = (await installation.redisInfo()).get('maxmemory_policy') ?? 'unknown';
    if (policy === 'noeviction') return { status: 'ok', seen: 'maxmemory-policy is noeviction' };
    return {
      status: 'fail',
      seen: `maxmemory-policy is ${policy}`,
      remedy:
        'set maxmemory-policy noeviction (redis.conf, or the parameter group of a managed Redis): any other may drop waiting jobs, and every process refuses to start on it',
    };
  },
};
