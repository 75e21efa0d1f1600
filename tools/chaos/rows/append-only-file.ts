import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { ChaosRedis } from '../chaos-fleet.ts';

type Located = Pick<ChaosRedis, 'dir'>;

export const appendOnlyFolder = ({ dir }: Located): string => join(dir, 'appendonlydir');

/** The file that is appended to. */
export async function appendOnlyFile(redis: Located): Promise<string> {
  const name = (await readdir(appendOnlyFolder(redis)))
    .filter((one) => one.endsWith('.incr.aof'))
    .at(-1);
  if (name === undefined) throw new Error(`${appendOnlyFolder(redis)} has no append-only file`);
  return join(appendOnlyFolder(redis), name);
}

/** Second of the clock at which the file that is appended to was begun: a rewrite begins another. */
export async function begunAt(redis: Located): Promise<number> {
  await using file = await open(await appendOnlyFile(redis));
  const { buffer, bytesRead } = await file.read(Buffer.alloc(32), 0, 32, 0);
  const first = /^#TS:(\d+)/.exec(buffer.toString('latin1', 0, bytesRead))?.[1];
  return first === undefined ? Number.POSITIVE_INFINITY : Number(first);
}

/**
 * Takes away what was written after a second of the clock: what a power loss does, and the death of a process does not.
 * By `redis-check-aof`, which every redis-server is when it is called so.
 */
export async function truncateTo(redis: Located, second: number): Promise<void> {
  const manifest = join(appendOnlyFolder(redis), 'appendonly.aof.manifest');
  const args = ['--truncate-to-timestamp', String(second), manifest];
  const child = spawn('redis-server', args, { argv0: 'redis-check-aof', stdio: 'pipe' });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`redis-check-aof ended with ${code}: ${text.slice(-300)}`);
}
