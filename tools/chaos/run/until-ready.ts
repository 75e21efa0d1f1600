import { setTimeout as delay } from 'node:timers/promises';

import type { OpenFleet } from '../fleet/open-fleet.ts';
import { sampleProcesses } from '../watch/process-watch.ts';

const POLL_MS = 250;
/** Where it takes longer something is wrong that the audit will tell of; the next fault does not wait for it. */
const PATIENCE_MS = 60_000;

/** Waits until every process of the fleet is ready, or a minute. */
export async function untilReady(
  { processes }: Pick<OpenFleet, 'processes'>,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    if ((await sampleProcesses(processes)).every(({ ready }) => ready)) return;
    await delay(POLL_MS, undefined, { signal });
  }
}
