import { setTimeout as wait } from 'node:timers/promises';
import type { BatchWorker } from '@ms1/bullmq-batch';
import { watchWorker } from '@ms1/queue';
import type { Redis } from '@ms1/redis';

type PausableWorker = Pick<
  BatchWorker,
  'name' | 'overdueMs' | 'run' | 'pause' | 'resume' | 'isPaused' | 'close'
>;

export interface SenderRun {
  /** Takes no more jobs for `restMs`; this process only, others go on. */
  stop(): Promise<void>;
  readonly task: (signal: AbortSignal) => Promise<void>;
}

/**
 * Runs a worker that may have to stop by itself and look again after a rest.
 *
 * @param redis the connection that the worker asks on
 */
export function createSenderRun(
  worker: PausableWorker,
  redis: Pick<Redis, 'ping'>,
  restMs: number,
): SenderRun {
  let stopped = Promise.withResolvers<void>();
  return {
    async stop() {
      if (worker.isPaused()) return;
      // Its own batch is still in flight: it is not to be waited for.
      await worker.pause(true);
      stopped.resolve();
    },
    async task(signal) {
      if (signal.aborted) return;
      const ended = new AbortController();
      const watched = AbortSignal.any([signal, ended.signal]);
      const aborted = watchWorker(worker, redis, watched);
      const failed = worker.run().then(
        // A run also ends when it is stopped: then there is nothing to tell.
        () => new Promise<never>(() => undefined),
      );
      try {
        while (!signal.aborted) {
          await Promise.race([stopped.promise, aborted, failed]);
          if (signal.aborted) break;
          stopped = Promise.withResolvers();
          await wait(restMs, undefined, { signal }).catch(() => undefined);
          if (!signal.aborted) await worker.resume();
        }
      } finally {
        ended.abort();
      }
      await worker.close();
    },
  };
}
