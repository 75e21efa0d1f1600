import { setTimeout as delay } from 'node:timers/promises';

import { FleetError } from './fleet-error.ts';
import { redisCommand } from './redis-command.ts';
import type { SimulatorClient } from './simulator-client.ts';

const TIMEOUT_MS = 60_000;
const POLL_MS = 100;

/**
 * Waits until the fleet watches every mailbox: one subscription each, and one walked folder each. Mail
 * that came before would be found all the same, but all of it by the first walk.
 *
 * @throws {FleetError}
 */
export async function waitUntilWatching(
  simulator: SimulatorClient,
  redisPort: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const { mailboxes, graph } = await simulator.status(signal);
    const walked = await walkedFolders(redisPort);
    if (graph.subscriptions >= mailboxes.length && walked >= mailboxes.length) return;
    if (Date.now() > deadline) {
      throw new FleetError(
        `the poller has not begun to watch every mailbox after ${TIMEOUT_MS / 1_000} s: ${graph.subscriptions} subscriptions and ${walked} walked folders for ${mailboxes.length} mailboxes (see poller.log)`,
      );
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Folders with a cursor (packages/store, CursorStore). The private Redis is small: KEYS is cheap there. */
async function walkedFolders(redisPort: number): Promise<number> {
  const keys = await redisCommand(redisPort, ['KEYS', '{ms1}:poller:cursor:*']);
  return keys === '' ? 0 : keys.split('\n').length;
}
