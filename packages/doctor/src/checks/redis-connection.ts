import { RedisStartError } from '@ms1/redis';

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
        seen: error instanceof RedisStartError ? error.message : reasonOf(error),
        remedy:
          'do what it says; docs/redis.md has the forms of REDIS_URL, what TLS needs, and the rights of each role',
      };
    }
  },
};
