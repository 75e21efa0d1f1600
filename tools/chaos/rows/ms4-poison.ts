import type { ChaosRow } from '../chaos-row.ts';
import { type SimulatedFault, simulated } from './simulated-faults.ts';
import { allDead, putPoison } from './simulated-mail.ts';

const SOON_MS = 15_000;

interface Poison {
  readonly id: string;
  readonly about: string;
  readonly fault: SimulatedFault;
  /** of them */
  readonly count: number;
  /** why they are dead letters in the end */
  readonly reason: string;
  /** ms within which they are */
  readonly deadWithinMs: number;
}

/** Messages that MS4 never stores, among others that it does. */
function poison({ fault, count, reason, deadWithinMs, ...row }: Poison): ChaosRow {
  return simulated({
    ...row,
    recoveryMs: SOON_MS,
    lastsMs: 0,
    expects: { dead: [reason] },
    faults: () => [fault],
    async meanwhile(fleet, _dice, signal) {
      const began = performance.now();
      const bad = await putPoison(fleet, count);
      await allDead(fleet, bad, deadWithinMs, signal);
      const seconds = Math.round((performance.now() - began) / 1_000);
      return `${count} of ${count} are dead letters after ${seconds} s`;
    },
  });
}

/** A suspect is tried alone after 2, 5, 15, 30 s ...; five failures beside others' deliveries are its end. */
const LONE_MS = 600_000;
const REFUSED_MS = 120_000;

/** What is in a batch decides: M6, M7, M11, M17. */
export const MS4_POISON: readonly ChaosRow[] = [
  simulated({
    id: 'M6',
    about: 'MS4 takes no more than 12 KB at once',
    recoveryMs: SOON_MS,
    lastsMs: 20_000,
    faults: () => [['ms4-too-large', { max: 12_000 }]],
  }),
  poison({
    id: 'M7',
    about: 'three messages that MS4 refuses with 422, and it does not say which',
    fault: ['ms4-poison', { status: 422 }],
    count: 3,
    reason: 'ms4_422',
    deadWithinMs: REFUSED_MS,
  }),
  poison({
    id: 'M7b',
    about: 'three messages that MS4 refuses with 422 and points at',
    fault: ['ms4-poison-pointed'],
    count: 3,
    reason: 'poison',
    deadWithinMs: REFUSED_MS,
  }),
  poison({
    id: 'M11',
    about: 'a message whose key MS4 knows with another body: 409',
    fault: ['ms4-poison', { status: 409 }],
    count: 1,
    reason: 'key_conflict',
    deadWithinMs: REFUSED_MS,
  }),
  poison({
    id: 'M17',
    about: 'one message that MS4 fails over each time with 500',
    fault: ['ms4-poison', { status: 500 }],
    count: 1,
    reason: 'ms4_500',
    deadWithinMs: LONE_MS,
  }),
  poison({
    id: 'M17b',
    about: 'one message that MS4 resets the connection over each time',
    fault: ['ms4-poison-reset'],
    count: 1,
    reason: 'ms4_no_answer',
    deadWithinMs: LONE_MS,
  }),
];
