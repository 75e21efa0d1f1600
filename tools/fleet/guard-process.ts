import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { PrivateRedis } from './private-redis.ts';
import type { ProcessRecord } from './process-record.ts';

const entry = fileURLToPath(new URL('../guard-redis.ts', import.meta.url));

/** Starts the process that ends Redis should this one be killed (tools/guard-redis.ts). Answers with its stop. */
export function startGuard(redis: PrivateRedis, record: ProcessRecord): () => Promise<void> {
  const child = spawn(process.execPath, [entry, String(redis.pid)], {
    env: { ...process.env, REDIS_URL: redis.url },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    detached: true,
  });
  const { pid } = child;
  child.channel?.unref();
  if (pid) record.add({ pid, mark: entry });
  const ended = once(child, 'exit');
  return async () => {
    child.kill('SIGTERM');
    await ended;
    if (pid) record.remove(pid);
  };
}
