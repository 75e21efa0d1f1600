import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';

import { number } from '../../fleet/progress.ts';
import type { MailProgress, RunScreen } from '../run/run-screen.ts';
import { panel, type SeedState } from './panel.ts';
import type { RowOutcome } from './seed-report.ts';
import { recovery, seconds } from './table.ts';

/** A picture that redraws itself on a terminal; lines for a log file or a pipe. */
export function openRunScreen(stream: NodeJS.WriteStream): RunScreen {
  return stream.isTTY ? terminalScreen(stream) : plainScreen(stream);
}

function terminalScreen(stream: NodeJS.WriteStream): RunScreen {
  const update = createLogUpdate(stream, { showCursor: false });
  let began = performance.now();
  let state: SeedState | undefined;
  const show = (change: Partial<SeedState>): void => {
    if (!state) return;
    state = { ...state, ...change, elapsedMs: performance.now() - began };
    update(panel(state, styleText));
  };
  return {
    begin(seed, rows) {
      began = performance.now();
      const planned = rows.map(({ id }) => id);
      state = { seed, planned, elapsedMs: 0, outcomes: [], doing: '', mail: undefined };
    },
    phase: (what) => show({ doing: what }),
    row: ({ id, about }) => show({ doing: `${id} ${about} ...` }),
    outcome: (outcome) => show({ outcomes: [...(state?.outcomes ?? []), outcome] }),
    mail: (mail) => show({ mail }),
    settle() {
      update.clear();
      update.done();
      state = undefined;
    },
  };
}

const PLAIN_LINE_MS = 10_000;

function plainScreen(stream: NodeJS.WriteStream): RunScreen {
  const say = (line: string): void => void stream.write(`${line}\n`);
  let told = performance.now();
  return {
    begin: (seed, rows, messages) =>
      say(`Seed ${seed}: ${number(messages)} messages; ${rows.map(({ id }) => id).join(', ')}`),
    phase: (what) => say(`  ${what} ...`),
    row: ({ id, about }) => say(`  ${id} ${about} ...`),
    outcome: (outcome) => say(`  ${outcome.id} ${outcomeText(outcome)}`),
    mail(progress) {
      if (performance.now() - told < PLAIN_LINE_MS) return;
      told = performance.now();
      say(`    ${mailText(progress)}`);
    },
    settle: () => undefined,
  };
}

const mailText = ({ planned, came, stored, held }: MailProgress): string =>
  `${number(stored)} stored of ${number(came)} (${number(planned)}), ${held === undefined ? 'no Redis' : `${number(held)} on queues`}`;

function outcomeText(outcome: RowOutcome): string {
  if (outcome.failure !== null) return `failed: ${outcome.failure}`;
  return `${outcome.did}: ${seconds(outcome.faultMs)}, recovered in ${recovery(outcome)}`;
}
