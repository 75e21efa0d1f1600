import type { Redis } from 'ioredis';

export interface RedisUsage {
  /** us of CPU that the server has used */
  readonly cpuUs: number;
  /** commands executed, those inside scripts included */
  readonly commands: number;
  /** script runs, a subset of round trips */
  readonly scripts: number;
  /** times that the server read from a connection: a pipeline is one, a request above 16 KB several */
  readonly reads: number;
  /** times that the server wrote to a connection: a pipeline's answers are one, a large answer is several */
  readonly writes: number;
}

/** What a server has done since it started. */
export async function readUsage(redis: Redis): Promise<RedisUsage> {
  const [cpu, stats] = [await redis.info('cpu'), await redis.info('commandstats')];
  const traffic = await redis.info('stats');
  const field = (text: string, name: string): number =>
    Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? 0);
  let [commands, scripts] = [0, 0];
  for (const [, name = '', calls] of stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    commands += Number(calls);
    if (/^(eval|evalsha|fcall)$/.test(name)) scripts += Number(calls);
  }
  return {
    cpuUs: (field(cpu, 'used_cpu_user') + field(cpu, 'used_cpu_sys')) * 1e6,
    commands,
    scripts,
    reads: field(traffic, 'total_reads_processed'),
    writes: field(traffic, 'total_writes_processed'),
  };
}

export function usageBetween(before: RedisUsage, after: RedisUsage): RedisUsage {
  return {
    cpuUs: after.cpuUs - before.cpuUs,
    commands: after.commands - before.commands,
    scripts: after.scripts - before.scripts,
    reads: after.reads - before.reads,
    writes: after.writes - before.writes,
  };
}

export async function usedBytes(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1] ?? 0);
}
