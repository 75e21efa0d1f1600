import type { ChaosRow } from '../chaos-row.ts';
import type { RowOutcome } from '../report/seed-report.ts';

/** How far the mail of a seed is, at one moment. */
export interface MailProgress {
  readonly planned: number;
  readonly came: number;
  readonly stored: number;
  /** on the queues; undefined while Redis does not answer */
  readonly held: number | undefined;
}

/** Where a run shows what it does. */
export interface RunScreen {
  /** a seed begins */
  begin(seed: number, rows: readonly ChaosRow[], messages: number): void;
  /** what it does, other than a row */
  phase(what: string): void;
  row(row: ChaosRow): void;
  outcome(outcome: RowOutcome): void;
  mail(progress: MailProgress): void;
  /** the seed is through; what is shown of it stays */
  settle(): void;
}
