import type { Redis } from 'ioredis';

export interface RedisUsage {
  /** us of CPU that the server has used */
  readonly cpuUs: number;
  /** commands executed, those inside scripts included */
  readonly commands: number;
  /** script runs, a subset of round trips */
  readonly scripts: number;
}

/** What a server has done since it started. */
export async function readUsage(redis: Redis): Promise<RedisUsage> {
  const [cpu, stats] = [await redis.info('cpu'), await redis.info('commandstats')];
  const seconds = (field: string): number =>
    Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(cpu)?.[1] ?? 0);
  let [commands, scripts] = [0, 0];
  for (const [, name = '', calls] of stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    commands += Number(calls);
    if (/^(eval|evalsha|fcall)$/.test(name)) scripts += Number(calls);
  }
  return { cpuUs: (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6, commands, scripts };
}

export function usageBetween(before: RedisUsage, after: RedisUsage): RedisUsage {
  return {
    cpuUs: after.cpuUs - before.cpuUs,
    commands: after.commands - before.commands,
    scripts: after.scripts - before.scripts,
  };
}
