import type { HistoryStore } from '../src/history/history-store.ts';

const STEP_MS = 10_000;

/** The last 55 minutes, of which nobody saw ten in the middle. */
export async function fillHistory(history: Pick<HistoryStore, 'begin' | 'add'>): Promise<void> {
  const { now } = await history.begin();
  let delivered = 0;
  for (let back = 330; back >= 0; back -= 1) {
    const wave = 1 + Math.sin(back / 20);
    delivered += Math.round(40 * wave);
    if (back > 120 && back < 180) continue;
    await history.add(
      { ...(await history.begin()), now: now - back * STEP_MS },
      {
        totals: { queued: 30, prepared: 12, delivered, skipped: 0, dead: 3 },
        inbound: Math.round(60 * wave),
        outbound: Math.round(25 * wave),
        walkedSecondsAgo: 20 + (back % 6) * 10,
        staleMailboxes: 0,
        deadLetters: back > 200 ? 3 : 6,
      },
    );
  }
}
