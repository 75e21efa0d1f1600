import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@ms1/runtime';

/** as long as {@link connectRedis} waits for a Redis that starts together with its fleet */
const START_MS = 5_000;
const PAUSE_MS = 100;

/**
 * A first read or an idempotent first write of a process, tried again for 5 s: on a host that is busy
 * starting, the short deadline of a producer's command passes although Redis has answered.
 *
 * @throws what it failed with last
 */
export async function atStart<T>(work: () => Promise<T>, clock: Clock = performance): Promise<T> {
  const until = clock.now() + START_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (clock.now() >= until) throw error;
      await delay(PAUSE_MS);
    }
  }
}
