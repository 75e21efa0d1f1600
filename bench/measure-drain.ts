import type { Redis } from 'ioredis';

import { readUsage, usageBetween } from './redis-usage.ts';

export interface Drain {
  readonly jobsPerSecond: number;
  /** all per job */
  readonly redisUs: number;
  readonly clientUs: number;
  readonly commands: number;
  readonly scripts: number;
}

/** Measures `work` (from its start until it resolves) as what it cost for each of `jobs`. */
export async function measureDrain(
  redis: Redis,
  jobs: number,
  work: () => Promise<void>,
): Promise<Drain> {
  const before = await readUsage(redis);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const used = usageBetween(before, await readUsage(redis));
  return {
    jobsPerSecond: jobs / seconds,
    redisUs: used.cpuUs / jobs,
    clientUs: (user + system) / jobs,
    commands: used.commands / jobs,
    scripts: used.scripts / jobs,
  };
}
