import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './free-port.ts';
import { until } from './until.ts';

export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** its working directory; survives `kill()` so that `startRedis({ dir })` finds its AOF */
  readonly dir: string;
  readonly process: ChildProcess;
  /** SIGKILL: as a crash */
  kill(): Promise<void>;
  /** ends it and removes its directory */
  stop(): Promise<void>;
}

export interface StartRedisOptions {
  port?: number;
  dir?: string;
  /** redis.conf directives, without the dashes */
  flags?: Record<string, string | number>;
}

/**
 * Starts a private redis-server (no persistence unless asked for by `flags`) and proves by process id
 * that it is the one that answers on the port.
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<TestRedis> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'ms1-redis-')));
  const port = options.port ?? (await freePort());
  const flags = {
    port,
    bind: '127.0.0.1',
    dir,
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
    'hash-max-listpack-value': 4096,
    ...options.flags,
  };
  const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await once(child, 'spawn');
  const stopWith = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGCONT');
      child.kill(signal);
    }
    await exited;
  };
  try {
    await proveOwnership(port, child);
  } catch (error) {
    await stopWith('SIGKILL');
    throw error;
  }
  const stop = async (): Promise<void> => {
    await stopWith('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? -1,
    dir,
    process: child,
    kill: () => stopWith('SIGKILL'),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function proveOwnership(port: number, child: ChildProcess): Promise<void> {
  // Half of what a test that wants only a builder would load.
  const { Redis } = await import('ioredis');
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    retryStrategy: () => 20,
    maxRetriesPerRequest: 0,
  });
  // Refused connections while the server starts are expected; the condition below decides.
  redis.on('error', () => undefined);
  try {
    const info = await until(
      async () => {
        if (child.exitCode !== null) return `redis-server exited with ${child.exitCode}`;
        return (await redis.info('server')) || null;
      },
      { what: `redis-server answers on port ${port}` },
    );
    if (info.startsWith('redis-server exited')) throw new Error(info);
    if (!info.includes(`process_id:${child.pid}\r\n`)) {
      throw new Error(`port ${port} is answered by a redis-server that this run did not start`);
    }
  } finally {
    redis.disconnect();
  }
}
