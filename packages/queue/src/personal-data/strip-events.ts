import type { Redis } from '@ms1/redis';
import type { Queue } from 'bullmq';

/** Events read in one command. */
const PAGE = 500;
/** The members of an event that somebody else's words may be in. */
const TELLING = ['failedReason', 'returnvalue', 'data'];

/**
 * Removes events that quote these jobs from a queue's stream, which holds about the last 1,000, however old.
 *
 * @param options.dryRun only counts
 * @returns how many
 */
export async function stripEvents(
  queue: Queue,
  ids: ReadonlySet<string>,
  { dryRun = false } = {},
): Promise<number> {
  if (ids.size === 0) return 0;
  const redis = (await queue.getBackend().client) as unknown as Redis;
  const key = queue.toKey('events');
  let removed = 0;
  for (let from = '-'; ; ) {
    const page = await redis.xrange(key, from, '+', 'COUNT', PAGE);
    const quoting = page.filter(([, fields]) => {
      const of = fields.indexOf('jobId');
      return ids.has(fields[of + 1] ?? '') && TELLING.some((name) => fields.includes(name));
    });
    if (dryRun) removed += quoting.length;
    else if (quoting.length > 0) removed += await redis.xdel(key, ...quoting.map(([id]) => id));
    const last = page.at(-1);
    if (!last || page.length < PAGE) return removed;
    from = `(${last[0]}`;
  }
}
