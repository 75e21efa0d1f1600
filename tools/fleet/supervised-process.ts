import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { FleetError } from './fleet-error.ts';
import { lastWords } from './last-words.ts';
import type { ProcessRecord } from './process-record.ts';
import { Restarts } from './restarts.ts';

export interface ProcessSpec {
  /** how it is called in messages: processor, or processor-2 */
  name: string;
  /** absolute path of its main.ts */
  entry: string;
  env: Record<string, string>;
  /** answers 200 when it is ready to work */
  readyUrl: string;
  logFile: string;
  /** for Node itself, before the entry: a profiler's */
  nodeArguments?: readonly string[];
}

export interface SupervisorOptions {
  record: ProcessRecord;
  /** told when it was restarted */
  onNote: (line: string) => void;
  /** ms since any moment; default: a clock that only goes forward */
  now?: () => number;
}

const READY_TIMEOUT_MS = 60_000;
/** an app stops within its own 25 s whatever hangs; what is still there after this has lost its mind */
const STOP_TIMEOUT_MS = 40_000;
const POLL_MS = 100;

/**
 * A child in its own process group, so that Ctrl-C on the terminal reaches only the launcher, and with
 * an IPC channel, whose end tells it that the launcher is gone. When it ends unasked it is started
 * again a few times, but not before it has been ready once: then its configuration is at fault.
 */
export class SupervisedProcess {
  readonly spec: ProcessSpec;
  readonly #options: SupervisorOptions;
  readonly #failure = new AbortController();
  readonly #stopped = new AbortController();
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #logStart = 0;
  #wasReady = false;
  readonly #restarts = new Restarts();

  constructor(spec: ProcessSpec, options: SupervisorOptions) {
    this.spec = spec;
    this.#options = options;
    this.#spawn();
  }

  /** undefined while it does not run */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Aborted with a {@link FleetError} when it ended and is not started again. */
  get failure(): AbortSignal {
    return this.#failure.signal;
  }

  /** Waits until it is ready. @throws {FleetError} */
  async ready(signal: AbortSignal): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    let reason = 'no answer';
    for (;;) {
      signal.throwIfAborted();
      this.failure.throwIfAborted();
      const answer = await ask(this.spec.readyUrl);
      if (answer === 'ready') {
        this.#wasReady = true;
        return;
      }
      reason = answer;
      if (Date.now() > deadline) {
        throw new FleetError(
          `${this.spec.name} was not ready after ${READY_TIMEOUT_MS / 1_000} s: ${reason} (${this.spec.logFile})`,
        );
      }
      await delay(POLL_MS);
    }
  }

  /** Asks it to stop and waits until it has: it finishes what it had begun. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    const child = this.#child;
    if (!child) return;
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(force);
  }

  /** Ends it at once. */
  kill(): void {
    this.#stopped.abort();
    this.#child?.kill('SIGKILL');
  }

  #spawn(): void {
    const { entry, env, logFile, nodeArguments = [] } = this.spec;
    const log = openSync(logFile, 'a', 0o600);
    this.#logStart = fstatSync(log).size;
    const child = spawn(process.execPath, [...nodeArguments, entry], {
      stdio: ['ignore', log, log, 'ipc'],
      env,
      detached: true,
    });
    closeSync(log);
    // The channel says "the launcher is there", nothing else, and must not keep the launcher alive.
    child.channel?.unref();
    const { pid } = child;
    if (pid) this.#options.record.add({ pid, mark: entry });
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const onEnd = (how: string): void => {
        if (pid) this.#options.record.remove(pid);
        this.#child = undefined;
        resolve();
        if (!this.#stopped.signal.aborted) this.#onUnexpectedEnd(how);
      };
      child.once('exit', (code, signal) => onEnd(signal ?? `exit code ${code}`));
      child.once('error', (error) => onEnd(error.message));
    });
  }

  #onUnexpectedEnd(how: string): void {
    const { name, logFile } = this.spec;
    const said = lastWords(logFile, this.#logStart);
    const { now = () => performance.now() } = this.#options;
    const wait = this.#wasReady ? this.#restarts.next(now()) : undefined;
    if (wait === undefined) {
      const what = this.#wasReady ? 'ended again and again' : 'did not start';
      this.#failure.abort(new FleetError(`${name} ${what} (${how}): ${said} (${logFile})`));
      return;
    }
    this.#options.onNote(`${name} ended (${how}): ${said}; starting it again`);
    delay(wait, undefined, { signal: this.#stopped.signal }).then(
      () => this.#spawn(),
      () => undefined,
    );
  }
}

/** 'ready', or why not. */
async function ask(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    const body = await response.text();
    return response.ok ? 'ready' : `${response.status} ${body.slice(0, 300)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
