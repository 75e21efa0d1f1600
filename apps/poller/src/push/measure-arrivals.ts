import type { IngestMessage, LedgerEntry } from '@ms1/contracts';
import type { Arrivals } from '@ms1/mailboxes';

/**
 * Who told of new mail first. Of what was received since the walk before: what a walk repeats, or tells of a change, was
 * counted when it was new.
 *
 * @param before what the ledger said of each message before the walk noticed it
 * @param receivedAt RFC 3339 by message id
 */
export function measureArrivals(
  messages: readonly IngestMessage[],
  before: readonly (LedgerEntry | null)[],
  receivedAt: ReadonlyMap<string, string | null | undefined>,
  since: number,
): Arrivals {
  const arrivals = { announced: 0, unannounced: 0, lateMs: 0 };
  for (const [index, { messageId }] of messages.entries()) {
    const at = Date.parse(receivedAt.get(messageId) ?? '');
    if (!(at >= since)) continue;
    const entry = before[index];
    if (!entry) arrivals.unannounced += 1;
    if (entry?.source !== 'webhook') continue;
    arrivals.announced += 1;
    arrivals.lateMs += Math.max(0, (entry.queuedAt ?? 0) - at);
  }
  return arrivals;
}
