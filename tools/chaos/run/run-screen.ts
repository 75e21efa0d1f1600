import type { ChaosRow } from '../chaos-row.ts';
import type { RowOutcome } from '../report/seed-report.ts';

/** Where a run shows what it does. */
export interface RunScreen {
  phase(what: string): void;
  row(row: ChaosRow, index: number): void;
  outcome(outcome: RowOutcome): void;
  /** messages that are neither in MS4 nor at another end */
  open(messages: number): void;
}
