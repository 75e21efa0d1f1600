import type { Redis } from '@ms1/redis';

import { type WatchedWorker, watchWorker } from './watch-worker.ts';

/** The part of a BullMQ Worker (or BatchWorker) that running it takes. */
export interface RunnableWorker extends WatchedWorker {
  run(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Runs a worker as a task: on abort it takes no new job and waits for those in hand. The task fails when the worker is
 * stuck, and the process with it: whoever starts it again replaces both. What it has in hand runs again.
 *
 * @param redis the connection that the worker asks on
 */
export function runWorker(
  worker: RunnableWorker,
  redis: Pick<Redis, 'ping'>,
): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    if (signal.aborted) return;
    const running = worker.run();
    const ended = new AbortController();
    const watch = watchWorker(worker, redis, AbortSignal.any([signal, ended.signal]));
    await Promise.race([running, watch]).finally(() => ended.abort());
    await worker.close();
    await running;
  };
}
