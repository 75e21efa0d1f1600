import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import { type Counts, isProgress, parseClosingLine } from './counts.ts';
import { leftProcesses } from './left-processes.ts';
import { openRunFolder } from './run-folder.ts';
import type { Stage } from './stages.ts';

export interface StageResult {
  ok: boolean;
  counts: Counts;
  seconds: number;
}

/** Where a stage's lines go. */
export interface StageScreen {
  /** a line to keep */
  line(text: string): void;
  /** how far it is; replaced by the next */
  progress(text: string): void;
}

/** Tests wait for the end of what they start: this is for a kill that is on its way. */
const PATIENCE_MS = 10_000;
const KILL_AFTER_MS = 10_000;
/** From jest's closing line to its end, for a machine that is busy. Jest itself calls more than one second a hang. */
const END_AFTER_MS = 30_000;
/** for the last of its output after its end */
const OUTPUT_AFTER_MS = 2_000;
/**
 * Which projects run, and that a worker was not gone half a second after its last test, as none is on a busy
 * machine: what a test file leaves open is found by tools/jest/closed-environment.ts.
 */
const JESTS_OWN =
  /^(Running (one project|\d+ projects):|- (unit|integration|e2e|long)$|A worker process has failed to exit)/;

/**
 * Runs one stage in a home and temporary folder of its own. What it prints is shown where it fails, and jest's
 * failures as they come. It has also failed when it does not end by itself or leaves a process or a file behind.
 */
export async function runStage(
  stage: Stage,
  cwd: string,
  signal: AbortSignal,
  screen: StageScreen,
): Promise<StageResult> {
  const begun = performance.now();
  using folder = openRunFolder();
  const troubles: string[] = [];
  const kept: string[] = [];
  let counts: Counts | undefined;
  const [command = '', ...args] = stage.command;
  const child = spawn(command, args, { cwd, env: folder.env, stdio: ['ignore', 'pipe', 'pipe'] });
  using timers = endingTimers(child, troubles);
  timers.endAfter(stage.timeoutMs, `was ended after ${stage.timeoutMs / 60_000} minutes`);
  const end = (): void => timers.end();
  signal.addEventListener('abort', end);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const closing = parseClosingLine(line);
    if (!stage.isJest) kept.push(line);
    else if (closing) {
      counts = closing;
      timers.endAfter(END_AFTER_MS, 'did not end by itself: something it opened is still open');
    } else if (isProgress(line)) screen.progress(`${stage.name.padEnd(12)} ${line}`);
    else if (!JESTS_OWN.test(line)) screen.line(line);
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (!JESTS_OWN.test(line)) kept.push(line);
  });
  const succeeded = await endOf(child, (error) => {
    troubles.push(`cannot run ${command}: ${error.message}`);
  });
  signal.removeEventListener('abort', end);
  // A stage that was ended is told off for that alone.
  const interrupted = troubles.length > 0 || signal.aborted;
  const patienceMs = interrupted ? 0 : (stage.patienceMs ?? PATIENCE_MS);
  const left = await leftProcesses(folder.path, patienceMs);
  for (const { pid, command: what } of left) {
    troubles.push(`left running: ${pid} ${what}`);
    killQuietly(pid);
  }
  for (const file of folder.leftFiles()) troubles.push(`left in the temporary folder: ${file}`);
  if (stage.isJest && !counts && troubles.length === 0) {
    troubles.push(`ended without having come to its end (exit code ${child.exitCode})`);
  }
  const ok = succeeded && troubles.length === 0;
  if (!ok || stage.isJest) for (const line of new Set(kept)) screen.line(line);
  for (const trouble of troubles) screen.line(`${stage.name}: ${trouble}`);
  const base = counts ?? { passed: 0, failed: 0, skipped: 0 };
  return {
    ok,
    // A failed stage is a failed check, also where no test could say so.
    counts: ok || base.failed > 0 ? base : { ...base, failed: 1 },
    seconds: (performance.now() - begun) / 1_000,
  };
}

/** Whether it ended well. What it left behind may hold its output open, and is not waited for. */
async function endOf(child: ChildProcess, onError: (error: Error) => void): Promise<boolean> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  const code = await new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
    child.once('error', (error) => {
      onError(error);
      resolve(null);
    });
  });
  await Promise.race([closed, delay(OUTPUT_AFTER_MS, undefined, { ref: false })]);
  return code === 0;
}

/** Ends a child that takes too long, for the first reason that comes true. */
function endingTimers(child: ChildProcess, troubles: string[]) {
  const timers: NodeJS.Timeout[] = [];
  const end = (): void => {
    child.kill('SIGTERM');
    timers.push(setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS));
  };
  return {
    end,
    endAfter(ms: number, reason: string): void {
      const late = (): void => {
        troubles.push(reason);
        end();
      };
      timers.push(setTimeout(late, ms));
    },
    [Symbol.dispose]: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
