import { setTimeout as delay } from 'node:timers/promises';

import { FleetError } from './fleet-error.ts';
import { Patience } from './patience.ts';
import { redisCommand } from './redis-command.ts';
import type { SimulatorClient } from './simulator-client.ts';

const POLL_MS = 100;

/**
 * Waits until the fleet watches every mailbox: one subscription each, and one walked folder each. Mail
 * that came before would be found all the same, but all of it by the first walk. After Ctrl-C in a large
 * session there is a backlog to take at the same time, so it waits for as long as anything moves.
 *
 * @throws {FleetError}
 */
export async function waitUntilWatching(
  simulator: SimulatorClient,
  redisUrl: string,
  signal: AbortSignal,
): Promise<void> {
  const patience = new Patience();
  for (;;) {
    const { mailboxes, graph, stored } = await simulator.status(signal);
    const walked = await walkedFolders(redisUrl);
    if (graph.subscriptions >= mailboxes.length && walked >= mailboxes.length) return;
    if (patience.isOver([graph.subscriptions, walked, stored])) {
      throw new FleetError(
        `the poller does not begin to watch every mailbox: ${graph.subscriptions} subscriptions and ${walked} walked folders for ${mailboxes.length} mailboxes, and nothing moves (see poller.log)`,
      );
    }
    await delay(POLL_MS, undefined, { signal });
  }
}

/** Folders with a cursor (packages/mailboxes, CursorStore). The private Redis is small: KEYS is cheap there. */
async function walkedFolders(redisUrl: string): Promise<number> {
  const keys = await redisCommand(redisUrl, ['KEYS', '{ms1}:poller:cursor:*']);
  return keys === '' ? 0 : keys.split('\n').length;
}
