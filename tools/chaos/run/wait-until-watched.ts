import { setTimeout as delay } from 'node:timers/promises';

import { Patience } from '../../fleet/patience.ts';
import { ChaosError } from '../chaos-error.ts';
import type { OpenFleet } from '../fleet/open-fleet.ts';

const POLL_MS = 200;

/** Waits until each mailbox has a subscription and a cursor: what comes then is found in both ways. */
export async function waitUntilWatched(
  fleet: Pick<OpenFleet, 'control' | 'redis' | 'mailboxes'>,
  signal: AbortSignal,
): Promise<void> {
  const patience = new Patience();
  for (;;) {
    const { graph } = await fleet.control<{ graph: { subscriptions: number } }>('status');
    const walked = (await fleet.redis.admin.keys('{ms1}:poller:cursor:*')).length;
    const wanted = fleet.mailboxes.length;
    if (graph.subscriptions >= wanted && walked >= wanted) return;
    if (patience.isOver([graph.subscriptions, walked])) {
      throw new ChaosError(
        `the fleet does not begin to watch its mailboxes: ${graph.subscriptions} subscriptions and ${walked} cursors for ${wanted} mailboxes; run "npm start" to see whether it does without faults`,
      );
    }
    await delay(POLL_MS, undefined, { signal });
  }
}
