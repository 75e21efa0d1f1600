import type { styleText } from 'node:util';

import { duration, number } from '../../fleet/progress.ts';
import type { MailProgress } from '../run/run-screen.ts';
import type { RowOutcome } from './seed-report.ts';
import { recovery, seconds } from './table.ts';

/** What a seed is at. */
export interface SeedState {
  readonly seed: number;
  readonly elapsedMs: number;
  readonly planned: readonly string[];
  readonly outcomes: readonly RowOutcome[];
  /** the row that is in, or what else is done */
  readonly doing: string;
  readonly mail: MailProgress | undefined;
}

const BAR = 40;
const ABOUT_MAX = 52;

/** The live picture of a seed: its mail, the faults that are through, and the one that is in. */
export function panel(state: SeedState, style: typeof styleText): string {
  const { seed, elapsedMs, planned, outcomes, doing, mail } = state;
  const head = `Seed ${seed}  ${outcomes.length} of ${planned.length} faults  ${duration(elapsedMs / 1_000)}`;
  return [
    '',
    `  ${style('bold', head)}`,
    ...(mail ? [`  ${mailLine(mail, style)}`] : []),
    '',
    ...outcomes.map((outcome) => `  ${outcomeLine(outcome, style)}`),
    `  ${style('cyan', doing)}`,
    '',
  ].join('\n');
}

function mailLine({ planned, came, stored, held }: MailProgress, style: typeof styleText): string {
  const done = Math.round(Math.min(1, stored / planned) * BAR);
  const there = Math.max(0, Math.round(Math.min(1, came / planned) * BAR) - done);
  const rest = '·'.repeat(Math.max(0, BAR - done - there));
  const bar = `${style('green', '█'.repeat(done))}${style('yellow', '█'.repeat(there))}${rest}`;
  const queued = held === undefined ? 'no Redis' : `${number(held)} on queues`;
  return `${bar}  ${number(stored)} stored of ${number(came)} (${number(planned)}), ${queued}`;
}

function outcomeLine(outcome: RowOutcome, style: typeof styleText): string {
  const { id, about, failure, recoveredMs, limitMs, faultMs } = outcome;
  const text = `${id.padEnd(5)} ${about.slice(0, ABOUT_MAX).padEnd(ABOUT_MAX)}`;
  if (failure !== null) return `${text} ${style('red', 'failed')}`;
  const color = recoveredMs === null ? 'red' : recoveredMs > limitMs ? 'yellow' : 'green';
  return `${text} ${seconds(faultMs).padStart(7)}  ${style(color, recovery(outcome))}`;
}
