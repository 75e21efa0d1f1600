import { setTimeout as delay } from 'node:timers/promises';

import type { ChaosFleet } from '../chaos-fleet.ts';

const POLL_MS = 50;

/**
 * Waits for the next record in MS4.
 *
 * @returns ms until it came; null when it did not within `boundMs`
 */
export async function watchRecovery(
  fleet: Pick<ChaosFleet, 'stored'>,
  boundMs: number,
  signal: AbortSignal,
): Promise<number | null> {
  const before = fleet.stored();
  const began = performance.now();
  for (;;) {
    await delay(POLL_MS, undefined, { signal });
    const elapsed = performance.now() - began;
    if (fleet.stored() > before) return Math.round(elapsed);
    if (elapsed > boundMs) return null;
  }
}
