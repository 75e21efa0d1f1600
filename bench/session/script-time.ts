import type { Redis } from 'ioredis';

/** us that Redis spent in scripts, and how often they ran, by the keys that they work on. */
export type ScriptTime = Map<string, { readonly us: number; readonly runs: number }>;

type SlowEntry = [id: number, at: number, us: number, args: string[]];

const KEPT = 100_000;

/**
 * What scripts cost while `work` runs, by Redis's own log of slow commands with its threshold at nothing: it times each
 * run without what reading and answering it take.
 */
export async function timeScripts<T>(
  redis: Redis,
  work: () => Promise<T>,
): Promise<{ result: T; time: ScriptTime }> {
  await redis.config('SET', 'slowlog-max-len', String(KEPT));
  await redis.config('SET', 'slowlog-log-slower-than', '20');
  await redis.call('SLOWLOG', 'RESET');
  try {
    const result = await work();
    const entries = (await redis.call('SLOWLOG', 'GET', String(KEPT))) as SlowEntry[];
    return { result, time: summed(entries) };
  } finally {
    await redis.config('SET', 'slowlog-log-slower-than', '10000');
    await redis.call('SLOWLOG', 'RESET');
  }
}

/** A script is known by its first key, without the prefix and what names one of many. */
function summed(entries: readonly SlowEntry[]): ScriptTime {
  const time: ScriptTime = new Map();
  for (const [, , us, [command = '', , , first = '']] of entries) {
    if (command.toLowerCase() !== 'evalsha') continue;
    const name = first
      .replace(/^\{[^}]*\}:/, '')
      .split(':')
      .slice(0, 2)
      .join(':');
    const sum = time.get(name) ?? { us: 0, runs: 0 };
    time.set(name, { us: sum.us + us, runs: sum.runs + 1 });
  }
  return time;
}
