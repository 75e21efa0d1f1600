import type { Check } from '../check.ts';

/** s a replica may be behind: beyond it a failover loses more than the mailboxes give back at once */
const LAG_S_MAX = 10;

export const redisReplication: Check = {
  name: 'redis.replication',
  about: 'REDIS_URL is the primary, and its replicas follow',
  async run(installation) {
    const info = await installation.redisInfo();
    const role = info.get('role') ?? 'unknown';
    if (role !== 'master') {
      return {
        status: 'fail',
        seen: `REDIS_URL is a replica (role ${role}): nothing can be written there`,
        remedy: 'set REDIS_URL to the primary, or to the name that follows it in a failover',
      };
    }
    const replicas = [...info]
      .filter(([name]) => /^slave\d+$/.test(name))
      .map(([, value]) => value);
    const behind = replicas.filter((text) => {
      const fields = new Map(text.split(',').map((part) => part.split('=') as [string, string]));
      return fields.get('state') !== 'online' || Number(fields.get('lag') ?? 0) > LAG_S_MAX;
    });
    if (behind.length > 0) {
      return {
        status: 'warn',
        seen: `${behind.length} of ${replicas.length} replicas do not follow`,
        remedy: 'repair the replicas: a failover now would lose what they do not have',
      };
    }
    const { length } = replicas;
    const seen =
      length === 0 ? 'the primary, without a replica' : `the primary, ${length} replicas follow`;
    return { status: 'ok', seen };
  },
};
