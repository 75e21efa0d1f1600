import { type IngestMessage, messageKey } from '@ms1/contracts';
import type { Ledger } from '@ms1/ledger';
import type { Arrivals } from '@ms1/mailboxes';

/**
 * Who told of new mail first. To be asked before the walk notices it, with what was received since the
 * walk before: what a walk repeats, or tells of a change, was counted when it was new.
 *
 * @param receivedAt RFC 3339 by message id
 */
export async function measureArrivals(
  ledger: Pick<Ledger, 'known'>,
  messages: readonly IngestMessage[],
  receivedAt: ReadonlyMap<string, string | null | undefined>,
  since: number,
): Promise<Arrivals> {
  const timeOf = ({ messageId }: IngestMessage): number =>
    Date.parse(receivedAt.get(messageId) ?? '');
  const arrived = messages.filter((message) => timeOf(message) >= since);
  const arrivals = { announced: 0, unannounced: 0, lateMs: 0 };
  if (arrived.length === 0) return arrivals;
  const entries = await ledger.known(arrived.map(messageKey));
  for (const [index, message] of arrived.entries()) {
    const entry = entries[index];
    if (!entry) arrivals.unannounced += 1;
    if (entry?.source !== 'webhook') continue;
    arrivals.announced += 1;
    arrivals.lateMs += Math.max(0, (entry.queuedAt ?? 0) - timeOf(message));
  }
  return arrivals;
}
