import { fileURLToPath } from 'node:url';
import { type SpawnedApp, spawnApp } from '@ms1/testkit';

import type { ChildOptions } from './batch-child.ts';

const ENTRY = fileURLToPath(new URL('./batch-child.ts', import.meta.url));

const CHILD_DEFAULTS = {
  size: 20,
  concurrency: 2,
  workMs: 5,
  lockDuration: 600,
  stalledInterval: 200,
  maxStalledCount: 10,
} as const;

export interface Child extends SpawnedApp {
  pause(): void;
  proceed(): void;
}

export function startChild(
  options: Partial<ChildOptions> & Pick<ChildOptions, 'url' | 'prefix' | 'driver' | 'mode'>,
): Child {
  const app = spawnApp({ entry: ENTRY, args: [JSON.stringify({ ...CHILD_DEFAULTS, ...options })] });
  return {
    ...app,
    pause: () => void app.child.kill('SIGSTOP'),
    proceed: () => void app.child.kill('SIGCONT'),
  };
}
