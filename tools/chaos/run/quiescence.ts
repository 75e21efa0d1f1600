import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';

import { fatesOf, placesOf } from '../audit/raw-redis.ts';
import type { Witnesses } from '../audit/witnesses.ts';

const POLL_MS = 500;
/** A batch that was killed with its sender is taken up after 50 s, what was lost with Redis after a minute or two. */
const STILL_MS = 300_000;

/**
 * Waits until every message is in MS4 or has ended otherwise, and no queue has a job of one.
 *
 * @returns how many have not when nothing has moved for 5 minutes; 0 is what should be
 */
export async function quiescence(
  witnesses: Witnesses,
  redis: Redis,
  signal: AbortSignal,
): Promise<number> {
  let last = Number.NaN;
  let movedAt = performance.now();
  for (;;) {
    witnesses.refresh();
    const missing = witnesses.missing().map(({ key }) => key);
    const fates = await fatesOf(redis, missing);
    const unended = missing.filter((key) => {
      const { state } = fates.get(key) ?? { state: '' };
      return !(state === 'dead' || state === 'skipped' || witnesses.deleted.has(key));
    });
    // A job of a message that is in MS4 already runs again where its worker was killed: it must come to nothing.
    const jobs = [...(await placesOf(redis))].filter(([, { list }]) => list !== 'failed');
    const open = new Set([...unended, ...jobs.map(([key]) => key)]).size;
    if (open === 0) return 0;
    if (open !== last) movedAt = performance.now();
    last = open;
    if (performance.now() - movedAt > STILL_MS) return open;
    await delay(POLL_MS, undefined, { signal });
  }
}
