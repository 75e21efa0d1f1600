/** What goes on beside a run, and ends with it however it ends. */
export class Background implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #running: Promise<void>[] = [];

  constructor(signal: AbortSignal) {
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  /** Rejects with what goes wrong; its end by the signal is none. */
  run(task: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const running = task(this.#signal).catch((error: unknown) => {
      if (!this.#signal.aborted) throw error;
    });
    // Whoever awaits it is told; until then it is nobody's rejection.
    this.#running.push(running.catch(() => undefined));
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }
}
