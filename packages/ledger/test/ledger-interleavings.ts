import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import {
  type LedgerEntry,
  MESSAGE_STATES,
  type MessageState,
  type StateCounts,
} from '@ms1/contracts';
import * as fc from 'fast-check';

import type { Ledger, SessionStore } from '../src/index.ts';

const KEYS = 6;
const RANK: Record<MessageState, number> = {
  queued: 1,
  prepared: 2,
  delivered: 3,
  skipped: 3,
  dead: 3,
};

const change = fc.record({
  key: fc.nat({ max: KEYS - 1 }),
  state: fc.constantFrom(...MESSAGE_STATES),
  sessionId: fc.constantFrom(null, 's1', 's2'),
});
const changes = fc.array(change, { minLength: 1, maxLength: 8 });
/** what two writers do at the same time, and then both once more: a replay; and messages that are there again after all */
const step = fc.tuple(changes, changes, fc.subarray([...Array(KEYS).keys()]));

export interface Writers {
  ledger: Ledger;
  otherLedger: Ledger;
  sessions: Pick<SessionStore, 'counts'>;
  flush: () => Promise<unknown>;
}

/**
 * Asserts over random interleavings of two writers and replays that no message ever moves backwards, that of those that
 * are taken back, at the same time by both, each is counted once and none but a skipped one moves, and that every
 * counter always equals the states.
 */
export async function assertForwardOnly(writers: Writers, numRuns: number): Promise<void> {
  const { ledger, otherLedger, sessions, flush } = writers;
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 1, maxLength: 6 }),
    async (steps) => {
      await flush();
      const keys = Array.from({ length: KEYS }, () => randomBytes(16).toString('base64url'));
      const write = (to: Ledger, list: (typeof steps)[number][0]): Promise<void> =>
        to.record(list.map((one) => ({ ...one, key: keys[one.key] ?? '', at: 1_000 })));
      let ranks = keys.map(() => 0);
      for (const [first, second, back] of [...steps, ...steps]) {
        await Promise.all([write(ledger, first), write(otherLedger, second)]);
        const entries = await ledger.known(keys);
        const now = entries.map((entry) => (entry ? RANK[entry.state] : 0));
        expect(now.filter((rank, index) => rank < (ranks[index] ?? 0))).toEqual([]);
        const backKeys = back.map((index) => keys[index] ?? '');
        const took = await Promise.all([ledger.revive(backKeys), otherLedger.revive(backKeys)]);
        const revived = back.filter((_, at) => took.some((by) => by[at]));
        expect(revived).toEqual(back.filter((index) => entries[index]?.state === 'skipped'));
        expect(
          took.every((by) => back.every((_, at) => !(by[at] && took.every((one) => one[at])))),
        ).toBe(true);
        const after = await ledger.known(keys);
        const still = after.map((entry, index) =>
          revived.includes(index)
            ? entry?.state === 'queued'
            : entry?.state === entries[index]?.state,
        );
        expect(still).not.toContain(false);
        ranks = after.map((entry) => (entry ? RANK[entry.state] : 0));
        expect(await sessions.counts('s1')).toEqual(tally(after, 's1'));
        expect(await sessions.counts('s2')).toEqual(tally(after, 's2'));
        expect(await ledger.totals()).toEqual(tally(after));
      }
    },
  );
  await fc.assert(property, { numRuns });
}

/** Counts entries by state: those of a session, or all. */
export function tally(entries: readonly (LedgerEntry | null)[], sessionId?: string): StateCounts {
  const counts = { queued: 0, prepared: 0, delivered: 0, skipped: 0, dead: 0 };
  for (const entry of entries) {
    if (!entry) continue;
    if (sessionId === undefined || entry.sessionId === sessionId) counts[entry.state] += 1;
  }
  return counts;
}
