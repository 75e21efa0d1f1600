import type { Check } from '../check.ts';

/** Share of maxmemory: well before the end, and where nothing more fits in a burst. */
const WARN = 0.7;
const FAIL = 0.85;

export const redisMemory: Check = {
  name: 'redis.memory',
  about: 'Redis has a limit of memory, and room below it',
  async run(installation) {
    const { maxMemoryBytes: limit, usedMemoryBytes: used } = await installation.redisFacts();
    if (limit === 0) {
      return {
        status: 'warn',
        seen: `${mebibytes(used)} used, and maxmemory is not set`,
        remedy:
          'set maxmemory to about three quarters of the memory that is there: without it the system ends Redis when memory runs out, with it Redis refuses new work and keeps what it has',
      };
    }
    const share = used / limit;
    const seen = `${mebibytes(used)} of ${mebibytes(limit)} used, ${Math.round(100 * share)} %`;
    if (share < WARN) return { status: 'ok', seen };
    return {
      status: share < FAIL ? 'warn' : 'fail',
      seen,
      remedy:
        'raise maxmemory, or see with ms1 status what piles up: a waiting message takes about 2.5 KB, a delivered one 250 bytes for 35 days. A full Redis takes no new mail',
    };
  },
};

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576).toLocaleString('en')} MiB`;
}
