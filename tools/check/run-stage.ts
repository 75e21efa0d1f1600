import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { type Counts, parseClosingLine } from './counts.ts';
import type { Stage } from './stages.ts';

export interface StageResult {
  ok: boolean;
  counts: Counts;
  seconds: number;
}

const KILL_AFTER_MS = 10_000;

/** Runs one stage, its output passed through. A stage that is no test suite counts only when it fails. */
export async function runStage(
  stage: Stage,
  cwd: string,
  signal: AbortSignal,
): Promise<StageResult> {
  const begun = performance.now();
  let counts: Counts | undefined;
  const [command = '', ...args] = stage.command;
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`cannot run ${command}: ${error.message}\n`);
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  const end = (): void => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS).unref();
  };
  const timer = setTimeout(() => {
    process.stderr.write(`${stage.name} was ended after ${stage.timeoutMs / 60_000} minutes\n`);
    end();
  }, stage.timeoutMs);
  signal.addEventListener('abort', end);
  for await (const line of createInterface({ input: child.stdout })) {
    const closing = stage.isJest ? parseClosingLine(line) : undefined;
    if (closing) counts = closing;
    else process.stdout.write(`${line}\n`);
  }
  const succeeded = await ended;
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
  // Without a closing line jest never came to its end.
  const ok = succeeded && (!stage.isJest || counts !== undefined);
  const base = counts ?? { passed: 0, failed: 0, skipped: 0 };
  return {
    ok,
    // A failed stage is a failed check, also where no test could say so.
    counts: ok || base.failed > 0 ? base : { ...base, failed: 1 },
    seconds: (performance.now() - begun) / 1_000,
  };
}
