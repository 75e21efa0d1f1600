/**
 * Work that lasts as long as the process: it runs until `signal` aborts, finishes what it had begun,
 * and resolves. It rejects when it cannot go on, and must not resolve before the signal.
 */
export type Task = (signal: AbortSignal) => Promise<void>;

/** A started task. It never rejects: how it ended is read from `failure`. */
export class AppTask {
  readonly name: string;
  /** settles when the task has ended: undefined after an orderly end, else why it failed */
  readonly failure: Promise<unknown>;
  settled = false;

  constructor(name: string, task: Task, signal: AbortSignal) {
    this.name = name;
    this.failure = AppTask.#end(name, task, signal).finally(() => {
      this.settled = true;
    });
  }

  static async #end(name: string, task: Task, signal: AbortSignal): Promise<unknown> {
    try {
      await task(signal);
    } catch (error) {
      return error ?? new Error(`${name} failed`);
    }
    return signal.aborted ? undefined : new Error(`${name} ended by itself`);
  }
}
