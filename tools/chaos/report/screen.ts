import type { ChaosRow } from '../chaos-row.ts';
import type { RunScreen } from '../run/run-screen.ts';
import type { RowOutcome } from './seed-report.ts';

export interface ChaosScreen extends RunScreen {
  begin(seed: number, rows: readonly ChaosRow[], messages: number): void;
  settle(): void;
}

export function openRunScreen(stream: NodeJS.WriteStream): ChaosScreen {
  const say = (line: string): void => void stream.write(`${line}\n`);
  return {
    begin: (seed, rows, messages) =>
      say(`Seed ${seed}: ${messages} messages, rows ${rows.map(({ id }) => id).join(', ')}`),
    phase: (what) => say(`  ${what} ...`),
    row: ({ id, about }) => say(`  ${id} ${about} ...`),
    outcome: ({ id, did, failure, recoveredMs }: RowOutcome) =>
      say(`  ${id} ${failure ?? did}; recovered in ${recoveredMs} ms`),
    open: () => undefined,
    settle: () => undefined,
  };
}
