import { setTimeout as delay } from 'node:timers/promises';
import type { Logger, Task } from '@ms1/runtime';

import type { LogLevelStore, WantedLevel } from './log-level-store.ts';

export interface FollowLogLevelOptions {
  levels: Pick<LogLevelStore, 'read'>;
  logger: Pick<Logger, 'level' | 'levels' | 'info'>;
  /** ms between two looks; default 5 s */
  everyMs?: number;
}

/**
 * Logs at the level that the fleet is wanted to log at, and at its own again when that is over: by a timer of its own, so
 * that a Redis that is away leaves no process at `debug`.
 */
export function followLogLevel({ levels, logger, everyMs = 5_000 }: FollowLogLevelOptions): Task {
  const own = logger.level;
  let revert: NodeJS.Timeout | undefined;

  const follow = (wanted: WantedLevel | null): void => {
    clearTimeout(revert);
    // A timer takes no more than 24 days; an operator may ask for hours.
    if (wanted) revert = setTimeout(() => follow(null), wanted.leftMs).unref();
    const level = wanted?.level ?? own;
    if (level === logger.level) return;
    const from = logger.level;
    const { values } = logger.levels;
    const tell = (): void =>
      logger.info({ from, to: level, forMs: wanted?.leftMs }, 'log level changed');
    // Told while both can be seen.
    const isMore = (values[level] ?? 0) < (values[from] ?? 0);
    if (!isMore) tell();
    logger.level = level;
    if (isMore) tell();
  };

  return async (signal) => {
    const stopped = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    while (!signal.aborted) {
      // A worker's connection waits for a Redis that is away: the stop does not wait with it.
      await Promise.race([levels.read().then(follow, () => undefined), stopped]);
      await delay(everyMs, undefined, { signal }).catch(() => undefined);
    }
    clearTimeout(revert);
  };
}
