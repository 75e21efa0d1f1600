/** The part of a BullMQ Worker (or BatchWorker) that running it takes. */
export interface RunnableWorker {
  run(): Promise<void>;
  close(): Promise<void>;
}

/** Runs a worker as a task: on abort it takes no new job and waits for those in hand. */
export function runWorker(worker: RunnableWorker): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    if (signal.aborted) return;
    const running = worker.run();
    await Promise.race([running, aborted(signal)]);
    await worker.close();
    await running;
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
