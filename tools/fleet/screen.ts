import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';

import { plainLine } from './plain-line.ts';
import type { Progress } from './progress.ts';
import { progressPanel } from './progress-panel.ts';

/** Where the launcher shows what it does. */
export interface Screen {
  /** a line that stays */
  say(line: string): void;
  /** the progress of the moment, in place of the last */
  show(progress: Progress): void;
  /** leaves the last progress standing */
  settle(): void;
}

const PLAIN_LINE_MS = 3_000;

/** A panel that redraws itself on a terminal; lines every few seconds for a log file or a pipe. */
export function openScreen(stream: NodeJS.WriteStream): Screen {
  return stream.isTTY ? terminalScreen(stream) : plainScreen(stream);
}

function terminalScreen(stream: NodeJS.WriteStream): Screen {
  const update = createLogUpdate(stream, { showCursor: false });
  return {
    say(line) {
      update.clear();
      stream.write(`${line}\n`);
    },
    show: (progress) => update(progressPanel(progress, stream.columns, styleText)),
    settle: () => update.done(),
  };
}

function plainScreen(stream: NodeJS.WriteStream): Screen {
  let last = Number.NEGATIVE_INFINITY;
  return {
    say: (line) => void stream.write(`${line}\n`),
    show(progress) {
      if (progress.elapsedMs - last < PLAIN_LINE_MS) return;
      last = progress.elapsedMs;
      stream.write(`${plainLine(progress)}\n`);
    },
    settle: () => undefined,
  };
}
