import { setTimeout as delay } from 'node:timers/promises';

export interface KeepSchedulesOptions {
  /** makes the schedules what they should be */
  sync: () => Promise<void>;
  everyMs: number;
  onError: (error: unknown) => void;
}

/**
 * Task: puts the schedules right at once and then every `everyMs`, because a chain whose pending job
 * was lost stops without a word (docs/reliability.md#lost-schedules). A Redis that is away is no reason to end.
 */
export function keepSchedules({ sync, everyMs, onError }: KeepSchedulesOptions) {
  return async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      await sync().catch(onError);
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
  };
}
