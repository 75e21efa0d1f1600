import { realpathSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import type { DataFolder } from './data-folder.ts';
import { readJsonFile } from './json-file.ts';
import { commandLineOf } from './process-identity.ts';
import { type RecordedProcess, readProcessRecord } from './process-record.ts';
import { redisCommand, redisUrlOf } from './redis-command.ts';

/** Longer than an app takes at most to stop (25 s), after which it exits whatever hangs. */
const PATIENCE_MS = 35_000;
const POLL_MS = 100;

/** How the record names the private Redis. */
export const REDIS_MARK = 'redis-server';

/**
 * Ends what an earlier launcher started and could not stop because it was killed: first the apps,
 * which usually are on their way out already, and the Redis they need last.
 *
 * @returns how many were still there
 */
export async function endLeftovers(data: DataFolder): Promise<number> {
  const leftovers = readProcessRecord(data.processes).filter(isRunning);
  const apps = leftovers.filter((process) => !isRedis(process));
  await end(apps);
  const redis = leftovers.filter(isRedis);
  const ours = redis.length > 0 && (await isOurRedis(data));
  if (ours) await end(redis);
  return apps.length + (ours ? redis.length : 0);
}

/** Many a machine runs a redis-server of somebody else's: ours is the one that works in our folder. */
async function isOurRedis(data: DataFolder): Promise<boolean> {
  const port = readJsonFile(data.ports)['redis'];
  if (typeof port !== 'number') return false;
  try {
    const url = redisUrlOf(port, String(readJsonFile(data.secrets)['redisPassword']));
    const answer = await redisCommand(url, ['CONFIG', 'GET', 'dir']);
    return answer.split('\n').at(-1) === realpathSync(data.redis);
  } catch {
    return false;
  }
}

function isRedis({ mark }: RecordedProcess): boolean {
  return mark === REDIS_MARK;
}

async function end(processes: readonly RecordedProcess[]): Promise<void> {
  for (const { pid } of processes) kill(pid, 'SIGTERM');
  const deadline = Date.now() + PATIENCE_MS;
  while (processes.some(isRunning)) {
    if (Date.now() > deadline) {
      for (const { pid } of processes.filter(isRunning)) kill(pid, 'SIGKILL');
    }
    await delay(POLL_MS);
  }
}

function isRunning({ pid, mark }: RecordedProcess): boolean {
  return commandLineOf(pid)?.includes(mark) ?? false;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between, which is all that was wanted.
  }
}
