import pTimeout from 'p-timeout';
import { AppTask, type Task } from './app-task.ts';
import type { Logger } from './logger.ts';
import { plainMessage } from './plain-error.ts';
import { onStopSignal } from './stop-signal.ts';

export interface AppOptions {
  logger: Logger;
  /** ms from the stop signal until the process exits with 1 whatever hangs */
  shutdownTimeoutMs: number;
}

/**
 * The life of a process. Its promises:
 *
 * - signal handlers are installed here, before anything is acquired, so that an early SIGTERM is not lost
 * - what cannot be acquired ends the process: one sentence, what was open released, exit code 1
 * - on a stop, tasks settle before anything is released; releases run last in, first out
 * - the first task that fails, or ends by itself, stops the process with exit code 1
 * - a shutdown has a deadline
 */
export class App {
  readonly #logger: Logger;
  readonly #shutdownTimeoutMs: number;
  readonly #stop = new AbortController();
  readonly #releases: { name: string; release: () => unknown }[] = [];
  readonly #tasks: AppTask[] = [];
  /** the release that is under way */
  #releasing: string | null = null;
  readonly #checks = new Map<string, () => unknown>();
  readonly #signals: Disposable;
  #failed = false;

  constructor({ logger, shutdownTimeoutMs }: AppOptions) {
    this.#logger = logger;
    this.#shutdownTimeoutMs = shutdownTimeoutMs;
    this.#signals = onStopSignal((reason) => {
      logger.info({ reason }, 'stopping');
      this.#stop.abort();
    });
  }

  get alive(): boolean {
    return !this.#failed;
  }

  /** Aborted when the process is to stop. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Opens something and promises to close it. When it cannot be opened the process ends here. */
  async acquire<T>(
    name: string,
    open: () => T | Promise<T>,
    close?: (resource: T) => unknown,
  ): Promise<T> {
    try {
      const resource = await open();
      if (close) this.defer(name, () => close(resource));
      return resource;
    } catch (error) {
      this.#logger.fatal({ name, err: error }, 'cannot start');
      process.stderr.write(
        `cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      await pTimeout(this.#releaseAll(), { milliseconds: this.#shutdownTimeoutMs });
      process.exit(1);
    }
  }

  /** Registers a release for later, last in, first out. */
  defer(name: string, release: () => unknown): void {
    this.#releases.push({ name, release });
  }

  /** Adds a readiness check: it throws (or rejects) with a sentence while the process is not ready. */
  check(name: string, probe: () => unknown): void {
    this.#checks.set(name, probe);
  }

  /** Starts a task at once. See {@link Task} for what it promises. */
  start(name: string, task: Task): void {
    this.#tasks.push(new AppTask(name, task, this.#stop.signal));
  }

  /** Why the process is not ready, by check; empty when it is. */
  async unready(): Promise<Record<string, string>> {
    if (this.#stop.signal.aborted) return { app: 'is stopping' };
    const reasons: Record<string, string> = {};
    await Promise.all(
      [...this.#checks].map(async ([name, probe]) => {
        try {
          // A check that hangs is not ready: 2 s is below the 3 s an orchestrator's probe usually waits.
          await pTimeout(Promise.resolve(probe()), {
            milliseconds: 2_000,
            message: 'not done after 2 s',
          });
        } catch (error) {
          reasons[name] = plainMessage(error);
        }
      }),
    );
    return reasons;
  }

  /** Waits until the process is told to stop or a task fails, shuts down, and answers with the exit code. */
  async run(): Promise<number> {
    const ended = this.#tasks.map((task) =>
      task.failure.then((error) => this.#onFailure(task, error)),
    );
    await Promise.race([aborted(this.#stop.signal), ...ended]);
    this.#stop.abort();
    try {
      await pTimeout(this.#shutDown(), { milliseconds: this.#shutdownTimeoutMs });
    } catch (error) {
      this.#logger.error({ err: error, hanging: this.#hanging() }, 'shutdown took too long');
      return 1;
    }
    this.#logger.info({ failed: this.#failed }, 'stopped');
    return this.#failed ? 1 : 0;
  }

  #onFailure(task: AppTask, error: unknown): void {
    if (this.#stop.signal.aborted && error === undefined) return;
    this.#failed = true;
    this.#logger.fatal({ task: task.name, err: error }, 'task failed');
  }

  #hanging(): string[] {
    const tasks = this.#tasks.filter((task) => !task.settled).map((task) => task.name);
    return this.#releasing === null ? tasks : [...tasks, `release of ${this.#releasing}`];
  }

  async #shutDown(): Promise<void> {
    await Promise.all(this.#tasks.map((task) => task.failure));
    await this.#releaseAll();
    this.#signals[Symbol.dispose]();
  }

  async #releaseAll(): Promise<void> {
    for (let entry = this.#releases.pop(); entry; entry = this.#releases.pop()) {
      this.#releasing = entry.name;
      try {
        await entry.release();
      } catch (error) {
        this.#failed = true;
        this.#logger.error({ name: entry.name, err: error }, 'release failed');
      }
    }
    this.#releasing = null;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
