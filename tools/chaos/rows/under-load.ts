import type { ChaosFleet } from '../chaos-fleet.ts';
import { within } from './process-waiting.ts';

const RECORDS = 20;
const LIMIT_MS = 60_000;

/**
 * Waits until mail flows: a fault that takes no time must find something in hand.
 *
 * @throws when it does not
 */
export async function underLoad(
  fleet: Pick<ChaosFleet, 'stored'>,
  signal: AbortSignal,
): Promise<void> {
  const before = fleet.stored();
  const flows = (): boolean => fleet.stored() >= before + RECORDS;
  await within(LIMIT_MS, `${RECORDS} messages come through`, flows, signal);
}
