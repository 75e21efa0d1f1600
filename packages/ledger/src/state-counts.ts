import { MESSAGE_STATES, type StateCounts } from '@ms1/contracts';

import { STATE_LETTERS } from './ledger-entry.ts';

/** Reads a counter hash. */
export function stateCounts(hash: Readonly<Record<string, string>>): StateCounts {
  return Object.fromEntries(
    MESSAGE_STATES.map((state) => [state, Number(hash[STATE_LETTERS[state]] ?? 0)]),
  ) as StateCounts;
}
