import { fileURLToPath } from 'node:url';
import { type SpawnedApp, spawnApp, until } from '@ms1/testkit';

import type { BatchBundle } from './batch-bundle.ts';
import type { ChildOptions } from './batch-child.ts';

const ENTRY = fileURLToPath(new URL('./batch-child.ts', import.meta.url));

const CHILD_DEFAULTS = {
  mode: 'effects',
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

/** A worker of the bundle's jobs, in a process of its own. */
export function startChild(
  { url, prefix, driver }: BatchBundle,
  options: Partial<ChildOptions> = {},
): Child {
  const all = { ...CHILD_DEFAULTS, url, prefix, driver, ...options };
  const app = spawnApp({ entry: ENTRY, args: [JSON.stringify(all)] });
  return {
    ...app,
    pause: () => void app.child.kill('SIGSTOP'),
    proceed: () => void app.child.kill('SIGCONT'),
  };
}

/** ids of the jobs whose work was done by a child, as often as it was */
export const effectsOf = ({ redis, prefix }: BatchBundle): Promise<string[]> =>
  redis.lrange(`${prefix}:effects`, 0, -1);

/** Jobs { i: 0..count-1 } of which some kill whoever works on them. */
export async function addPoisoned(
  { queue }: BatchBundle,
  count: number,
  poison: readonly number[],
): Promise<void> {
  await queue.addBulk(
    Array.from({ length: count }, (_, i) => ({
      name: 'job',
      data: { i, poison: poison.includes(i) },
      opts: { attempts: 1 },
    })),
  );
}

export async function allFinal(bundle: BatchBundle, jobs: number): Promise<void> {
  const isOver = async (): Promise<boolean> => {
    const { completed, failed } = await bundle.counts();
    return completed + failed === jobs;
  };
  await until(isOver, { what: 'all jobs are final', timeoutMs: 120_000 });
}

/** Starts a child in the place of each that dies, until all jobs are final; answers with those that failed. */
export async function outlivePoison(
  bundle: BatchBundle,
  jobs: number,
  options: Partial<ChildOptions>,
) {
  let over = false;
  const children = (async () => {
    while (!over) {
      await using child = startChild(bundle, { lockDuration: 400, ...options });
      const end = until(() => over, { what: 'the end', timeoutMs: 120_000 });
      await Promise.race([child.exited, end]);
    }
  })();
  await allFinal(bundle, jobs);
  over = true;
  await children;
  const failed = await bundle.queue.getFailed();
  return failed.toSorted((a, b) => a.data.i - b.data.i);
}
