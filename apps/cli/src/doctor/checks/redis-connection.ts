import { RedisUnavailableError } from '@ms1/redis';

import { type Check, NotCheckableError } from '../check.ts';
import { reasonOf } from '../reason-of.ts';

export const redisConnection: Check = {
  name: 'redis.connection',
  about: 'Redis answers at REDIS_URL',
  async run(installation) {
    try {
      await installation.connect();
      return { status: 'ok', seen: 'it answers' };
    } catch (error) {
      if (error instanceof NotCheckableError) throw error;
      return {
        status: 'fail',
        // Names host and port, never the password.
        seen: error instanceof RedisUnavailableError ? error.message : reasonOf(error),
        remedy:
          'start Redis, or set REDIS_URL to where it is (rediss:// for TLS), with its password if it has one',
      };
    }
  },
};
