import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, until } from '@ms1/testkit';

import type { RunningFleet } from './running-fleet.ts';

/** A way in which a Redis that is up takes no command, or not this one. */
export interface RedisRefusal {
  readonly name: string;
  /** what whoever is refused so says in its log */
  readonly says: RegExp;
  readonly begin: () => Promise<unknown>;
  readonly end: () => Promise<unknown>;
}

/** Every refusal that passes, as a running fleet meets it: none of them needs Redis or a process to be restarted. */
export async function redisRefusals({ redis, dataDir }: RunningFleet): Promise<RedisRefusal[]> {
  // A snapshot that cannot be written, as on a full disk.
  mkdirSync(join(dataDir, 'redis', 'dump.rdb'), { recursive: true });
  await redis.config('SET', 'stop-writes-on-bgsave-error', 'no');
  await redis.config('SET', 'save', '3600 1');
  await redis.bgsave();
  await until(async () => (await redis.info('persistence')).includes('last_bgsave_status:err'), {
    what: 'the snapshot has failed',
  });
  const nobody = String(await freePort());
  const setting = (code: string, name: string, on: string, off: string): RedisRefusal => ({
    name: code,
    says: new RegExp(code),
    begin: () => redis.config('SET', name, on),
    end: () => redis.config('SET', name, off),
  });
  /** The fleet's user loses commands while it uses them. */
  const without = (commands: string): RedisRefusal => ({
    name: `NOPERM ${commands}`,
    // A script that calls what its user may not is an ERR.
    says: /NOPERM|Redis refuses: ERR/,
    begin: () => redis.call('ACL', 'SETUSER', 'default', commands),
    end: () => redis.call('ACL', 'SETUSER', 'default', '+@all'),
  });
  return [
    setting('MISCONF', 'stop-writes-on-bgsave-error', 'yes', 'no'),
    setting('NOREPLICAS', 'min-replicas-to-write', '1', '0'),
    setting('OOM', 'maxmemory', '1', '0'),
    {
      name: 'READONLY',
      says: /READONLY/,
      begin: () => redis.call('REPLICAOF', '127.0.0.1', nobody),
      end: () => redis.call('REPLICAOF', 'NO', 'ONE'),
    },
    without('-@write'),
    without('-@scripting'),
    without('-@read'),
  ];
}
