import type { Check } from '../check.ts';

/** What the scripts and streams need. */
const LEAST = [6, 2] as const;

export const redisVersion: Check = {
  name: 'redis.version',
  about: 'Redis is 6.2 or later',
  async run(installation) {
    const version = (await installation.redisInfo()).get('redis_version') ?? '';
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const enough = major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
    if (enough) return { status: 'ok', seen: `it is ${version}` };
    return {
      status: 'fail',
      seen: `it is ${version || 'of an unknown version'}`,
      remedy: 'upgrade Redis to 6.2 or later; 7 is what the service is tested with',
    };
  },
};
