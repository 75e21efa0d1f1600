import type { Later, Outcome, Postponed } from './operation-store.ts';

/** Tries of one message in all. Each is after the time that its mailbox asked for. */
const TRIES_MAX = 5;
/** What one operation keeps waiting: some 150 bytes each in Redis. */
const WAITING_MAX = 10_000;

/**
 * What came of some messages: what is over, and what is to be tried once more. What was tried often enough has failed,
 * and so has what there is no room for.
 *
 * @param tried what is known of those that had waited, in the order of the items
 * @param waiting how many wait, those among them
 */
export function settle(
  items: readonly unknown[],
  came: readonly (Outcome | Later)[],
  tried: readonly Postponed[],
  waiting: number,
): { outcomes: Outcome[]; postponed: (Postponed & Later)[] } {
  const outcomes: Outcome[] = [];
  const postponed: (Postponed & Later)[] = [];
  let room = WAITING_MAX - waiting + tried.length;
  for (const [n, one] of came.entries()) {
    if (typeof one === 'string') {
      outcomes.push(one);
      continue;
    }
    const tries = (tried[n]?.tries ?? 0) + 1;
    if (tries >= TRIES_MAX || room <= 0) {
      outcomes.push(`failed:${one.later}`);
      continue;
    }
    room -= 1;
    postponed.push({ ...one, item: items[n], tries });
  }
  return { outcomes, postponed };
}
