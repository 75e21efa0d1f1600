import { redisCommand } from './redis-command.ts';

/** How many commands a Redis has executed since it started, by INFO commandstats. */
export async function commandsExecuted(redisUrl: string): Promise<number> {
  const info = await redisCommand(redisUrl, ['INFO', 'commandstats']);
  let total = 0;
  for (const [, calls] of info.matchAll(/^cmdstat_[^:]+:calls=(\d+)/gm)) total += Number(calls);
  return total;
}
