import { setTimeout as delay } from 'node:timers/promises';
import type { Progress, Task } from '@ms1/runtime';

export interface TurnsOptions {
  /** ms between turns */
  intervalMs: number;
  /** is told how turns end, for the readiness; default: nobody is */
  progress?: Pick<Progress, 'during' | 'made' | 'blocked'> | undefined;
  onError?: ((error: unknown) => void) | undefined;
}

/** Does something again and again, whether it works or not, until the process stops. */
export function turns(
  { intervalMs, progress, onError }: TurnsOptions,
  turn: (count: number, signal: AbortSignal) => Promise<void>,
): Task {
  return async (signal) => {
    for (let count = 0; !signal.aborted; count += 1) {
      const work = (): Promise<void> => turn(count, signal);
      try {
        await (progress ? progress.during(work) : work());
        progress?.made();
      } catch (error) {
        progress?.blocked('each try fails');
        onError?.(error);
      }
      // An abort ends the wait early; the loop's condition ends the task.
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  };
}
