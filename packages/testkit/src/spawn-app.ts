import { type ChildProcess, spawn } from 'node:child_process';

import { until } from './until.ts';

export interface SpawnedApp extends AsyncDisposable {
  readonly child: ChildProcess;
  /** everything it wrote to stdout and stderr so far */
  readonly output: () => string;
  /** resolves with the exit code (or the signal's name) once it has ended */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** waits until `url` (its /readyz or /healthz) answers 200 */
  ready(url: string): Promise<void>;
  /** sends a signal and waits for the end */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export interface SpawnAppOptions {
  /** absolute path of its main.ts */
  entry: string;
  /** the whole environment but PATH, HOME, TMPDIR and the code cache: what is not here is not set */
  env?: Record<string, string>;
  args?: string[];
}

/** Runs an app as its own process, as production does, with the Node that runs the tests. */
export function spawnApp({ entry, env = {}, args = [] }: SpawnAppOptions): SpawnedApp {
  const child = spawn(process.execPath, [entry, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...passedOn('PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE'), ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
  });
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> => {
    if (running()) child.kill(signal);
    return exited;
  };
  const ready = async (url: string): Promise<void> => {
    const answer = await until(
      async () => {
        if (!running()) return 'ended';
        const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
        return response.status === 200 ? 'ready' : null;
      },
      { timeoutMs: 60_000, what: `${url} answers 200\n${text}` },
    );
    if (answer === 'ended') throw new Error(`${entry} ended instead of becoming ready:\n${text}`);
  };
  return {
    child,
    output: () => text,
    exited,
    ready,
    stop,
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL');
    },
  };
}

/** These of our own variables, where they are set. */
function passedOn(...names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
