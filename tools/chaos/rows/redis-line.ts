import { setTimeout as delay } from 'node:timers/promises';

import type { ChaosRow } from '../chaos-row.ts';
import { seconds, within } from './process-waiting.ts';
import { readyAgain } from './readiness.ts';
import { underLoad } from './under-load.ts';

const SLOW_MS = 20_000;
/** A connection that was reset is opened again within 2 s. */
const RESET_MS = 5_000;
/** A connection that is silently gone is found within that (R19). */
const GONE_MS = 15_000;
const BETWEEN_MS = [200, 1_500] as const;

const slow = (id: string, ms: number): ChaosRow => ({
  id,
  about: `Redis takes ${ms} ms for each answer, for ${SLOW_MS / 1_000} s`,
  recoveryMs: RESET_MS,
  async inject({ lines }, _dice, signal) {
    // Half of it each way.
    lines.redis.delay(ms / 2);
    let held = 0;
    try {
      for (let look = 0; look < 20; look += 1) {
        await delay(SLOW_MS / 20, undefined, { signal });
        held = Math.max(held, lines.redis.waiting);
      }
    } finally {
      lines.redis.delay(0);
    }
    if (held === 0) throw new Error('nothing was held back');
    return `up to ${held} chunks at once were held back for ${ms / 2} ms`;
  },
  after: readyAgain,
});

/** Does something to the line again and again, at moments that the seed chooses. */
const again = (
  id: string,
  about: string,
  times: number,
  harm: 'resets' | 'lostAnswers',
  once: 'reset' | 'loseAnswers',
): ChaosRow => ({
  id,
  about: `${about}, ${times} times`,
  recoveryMs: RESET_MS,
  async inject({ lines: { redis } }, dice, signal) {
    const before = redis.harm[harm];
    for (let time = 0; time < times; time += 1) {
      const so = redis.harm[harm];
      if (once === 'reset') redis.reset();
      else redis.loseAnswers(1);
      await within(5_000, `${harm} grows`, () => redis.harm[harm] > so, signal);
      await delay(dice.between(...BETWEEN_MS), undefined, { signal });
    }
    return `${redis.harm[harm] - before} ${harm === 'resets' ? 'connections reset' : 'answers lost, their connections reset'}`;
  },
  after: readyAgain,
});

/**
 * Controls: BullMQ's own worker takes a lost answer for a lost lock (packages/bullmq-batch/test/batch-resend.itest.ts); a
 * plain client waits on a silent connection for ever (packages/redis/test/connect-redis.long.ts).
 */
export const REDIS_LINE: readonly ChaosRow[] = [
  slow('R6', 50),
  slow('R6a', 200),
  slow('R6b', 1_000),
  again('R7', 'all connections to Redis reset', 8, 'resets', 'reset'),
  again('R7a', 'an answer of Redis lost after it was applied', 30, 'lostAnswers', 'loseAnswers'),
  {
    id: 'R19',
    about: 'connections to Redis swallow everything and are not closed; new ones work',
    recoveryMs: GONE_MS,
    async inject(fleet, _dice, signal) {
      const { redis } = fleet.lines;
      await underLoad(fleet, signal);
      const { connections, harm } = redis;
      const began = performance.now();
      redis.blackhole();
      const swallowed = (): number => redis.harm.swallowedBytes - harm.swallowedBytes;
      await within(GONE_MS, 'something fell into the hole', () => swallowed() > 0, signal);
      return `${connections} connections swallowed ${swallowed()} bytes in the first ${seconds(performance.now() - began)}`;
    },
    // They are found one after the other, each within the same time.
    after: async (fleet, signal) => {
      await delay(GONE_MS, undefined, { signal });
      return readyAgain(fleet, signal);
    },
  },
];
