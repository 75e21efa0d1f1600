import { spawn } from 'node:child_process';
import { join } from 'node:path';

import type { RunningFleet } from './running-fleet.ts';
import { root } from './workspaces.ts';

/** What `ms1` writes for a person, on both streams, asked of a running fleet; it may fail. */
export function runMs1(
  { dataDir, redisUrl }: Pick<RunningFleet, 'dataDir' | 'redisUrl'>,
  args: readonly string[],
) {
  const child = spawn(process.execPath, [join(root, 'apps', 'cli', 'bin', 'ms1.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      MS1_DATA_DIR: dataDir,
      REDIS_URL: redisUrl,
      MS1_ENV_FILE: '/dev/null',
    },
  });
  let text = `ms1 ${args.join(' ')}\n`;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return new Promise<string>((resolve) => child.once('close', () => resolve(text)));
}
