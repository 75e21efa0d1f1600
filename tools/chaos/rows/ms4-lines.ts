import { setTimeout as delay } from 'node:timers/promises';

import type { ChaosRow } from '../chaos-row.ts';
import { brokenLine } from './broken-lines.ts';

/** MS4_TIMEOUT_MS, and 10 s for what waited behind it. */
const DEADLINE_MS = 40_000;
/** MS4_BREAKER_OPEN_MS_MAX, and 10 s for a record that is set aside meanwhile. */
const BREAKER_MS = 40_000;

/** The way to MS4: M3, M4, M9, M12, M13. */
export const MS4_LINES: readonly ChaosRow[] = [
  brokenLine({
    id: 'M3b',
    about: 'MS4 stores, and its next 10 answers are lost on the way',
    line: 'ms4',
    break: (line) => line.loseAnswers(10),
    lastsMs: 15_000,
    recoveryMs: BREAKER_MS,
  }),
  brokenLine({
    id: 'M4b',
    about: 'connections to MS4 that stand swallow everything; new ones work',
    line: 'ms4',
    break: (line) => line.blackhole(),
    lastsMs: 1_000,
    recoveryMs: DEADLINE_MS,
  }),
  brokenLine({
    id: 'M9b',
    about: 'MS4 answers one byte a second',
    line: 'ms4',
    break: (line) => line.drip(1),
    lastsMs: 35_000,
    recoveryMs: DEADLINE_MS,
  }),
  brokenLine({
    id: 'M12b',
    about: 'MS4 takes no connections for a minute',
    line: 'ms4',
    break: (line) => line.down(),
    lastsMs: 60_000,
    recoveryMs: BREAKER_MS,
  }),
  {
    id: 'M13',
    about: 'MS4 comes and goes every 5 s',
    recoveryMs: BREAKER_MS,
    async inject({ lines: { ms4 } }, _dice, signal) {
      const before = ms4.harm.resets;
      try {
        for (let round = 0; round < 4; round += 1) {
          ms4.down();
          await delay(5_000, undefined, { signal });
          ms4.heal();
          await delay(5_000, undefined, { signal });
        }
      } finally {
        ms4.heal();
      }
      return `4 times away for 5 s, ${ms4.harm.resets - before} connections reset`;
    },
  },
];
