import { setTimeout as delay } from 'node:timers/promises';

import type { ChaosFleet, ChaosProcess } from '../chaos-fleet.ts';
import { seconds } from './process-waiting.ts';

/** Within which a process says that it cannot work, and that it can again (I15 of the matrix). */
const UNREADY_MS = 30_000;
const READY_MS = 10_000;
const POLL_MS = 200;

/** What a process says whose Redis does not answer, or not to it. */
export const NO_REDIS =
  /Redis has not answered|Redis cannot be reached|Redis is still loading|Redis wants a password|Command timed out|Connection is closed/;

/** Why a process is not ready in its own words; null: it is; undefined: it does not answer. */
async function reasonOf({ health }: ChaosProcess): Promise<string | null | undefined> {
  try {
    const answer = await fetch(`${health}/readyz`, { signal: AbortSignal.timeout(5_000) });
    return answer.status === 503 ? await answer.text() : null;
  } catch {
    return undefined;
  }
}

async function untilEach(
  apps: readonly ChaosProcess[],
  limitMs: number,
  holds: (reason: string | null | undefined) => boolean,
  signal: AbortSignal,
): Promise<{ tookMs: number; not: { name: string; reason: string }[] }> {
  const began = performance.now();
  for (;;) {
    const looked = await Promise.all(
      apps.map(async (app) => ({ name: app.name, reason: await reasonOf(app) })),
    );
    const not = looked
      .filter(({ reason }) => !holds(reason))
      .map(({ name, reason }) => ({ name, reason: reason ?? String(reason) }));
    const tookMs = performance.now() - began;
    if (not.length === 0 || tookMs > limitMs) return { tookMs, not };
    await delay(POLL_MS, undefined, { signal });
  }
}

/**
 * Waits until each of them says that it is not ready, and why.
 *
 * @throws with the names of those that say that they are, or something else
 */
export async function allUnready(
  apps: readonly ChaosProcess[],
  why: RegExp,
  signal: AbortSignal,
): Promise<string> {
  const isSo = (reason: string | null | undefined): boolean =>
    typeof reason === 'string' && why.test(reason);
  const { tookMs, not } = await untilEach(apps, UNREADY_MS, isSo, signal);
  if (not.length === 0) return `all not ready in ${seconds(tookMs)}`;
  const told = not.map(({ name, reason }) => `${name} (${reason})`).join(', ');
  throw new Error(`not unready for ${why} within ${seconds(UNREADY_MS)}: ${told}`);
}

/**
 * Waits until every process is ready.
 *
 * @throws with the names of those that are not
 */
export async function readyAgain(
  { processes }: Pick<ChaosFleet, 'processes'>,
  signal: AbortSignal,
): Promise<string> {
  const { tookMs, not } = await untilEach(processes, READY_MS, (reason) => reason === null, signal);
  if (not.length === 0) return `ready again in ${seconds(tookMs)}`;
  const told = not.map(({ name, reason }) => `${name} (${reason})`).join(', ');
  throw new Error(`not ready again within ${seconds(READY_MS)}: ${told}`);
}
