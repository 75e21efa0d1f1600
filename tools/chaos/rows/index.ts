import type { ChaosRow } from '../chaos-row.ts';
import { PROCESS_KILLS } from './process-kills.ts';
import { PROCESS_LIMITS } from './process-limits.ts';
import { PROCESS_POISON } from './process-poison.ts';
import { PROCESS_STOPS } from './process-stops.ts';

/** Every row that one machine can run; each group of them is a file of this folder. */
export const ROWS: readonly ChaosRow[] = [
  ...PROCESS_KILLS,
  ...PROCESS_STOPS,
  ...PROCESS_LIMITS,
  ...PROCESS_POISON,
];
