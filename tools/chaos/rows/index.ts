import type { ChaosRow } from '../chaos-row.ts';
import { PROCESS_ROWS } from './process.ts';

/** Every row that one machine can run; each group of them is a file of this folder. */
export const ROWS: readonly ChaosRow[] = [...PROCESS_ROWS];
