import { setTimeout as delay } from 'node:timers/promises';

import type { ChaosProcess } from '../chaos-fleet.ts';

/** BullMQ gives a killed worker's job to another after its lock, 30 s, and one or two looks 10 s apart. */
export const STALL_MS = 45_000;
/** What is started again is at work again in so long, the second of its supervisor included. */
export const RESTART_MS = 15_000;

export const nameOf = ({ name, pid }: ChaosProcess): string => `${name} (pid ${pid})`;

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** @throws when it does not hold in time: the fault is not what it should be */
export async function within(
  ms: number,
  what: string,
  holds: () => boolean | Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds(ms)}: ${what}`);
    await delay(50, undefined, { signal });
  }
}

/** Stops a process, and lets it go on whatever happens meanwhile. */
export async function frozen(
  apps: readonly ChaosProcess[],
  meanwhile: () => Promise<void>,
): Promise<void> {
  for (const app of apps) app.signal('SIGSTOP');
  try {
    await meanwhile();
  } finally {
    for (const app of apps) app.signal('SIGCONT');
  }
}

/** Kills the one that runs now; waits for it first where its supervisor is only about to start it. */
export async function killed(app: ChaosProcess, signal: AbortSignal): Promise<string> {
  await within(10_000, `${app.name} runs`, () => runs(app.pid), signal);
  const name = nameOf(app);
  app.signal('SIGKILL');
  return name;
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
