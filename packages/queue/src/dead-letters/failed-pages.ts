import type { Redis } from '@ms1/redis';
import type { Queue } from 'bullmq';

/** A failed job, and when it failed (ms since the epoch). */
export interface LetterPlace {
  id: string;
  failedAt: number;
}

export interface FailedPagesOptions {
  /** those after this one, which need not be there any more */
  after?: LetterPlace | null;
  /** ms since the epoch: those that failed until then */
  until?: number | undefined;
  /** of a page, about */
  size: number;
}

/**
 * The failed jobs of a queue, oldest first, in pages. What leaves or arrives meanwhile is skipped or seen, never twice.
 */
export async function* failedPages(
  queue: Queue,
  { after, until, size }: FailedPagesOptions,
): AsyncGenerator<LetterPlace[]> {
  const redis = (await queue.getBackend().client) as unknown as Redis;
  // Letters leave while they are read, so a page begins at the last time seen and not at a count.
  let since: number | '-inf' = after?.failedAt ?? '-inf';
  // Redis sorts those of one time by their id.
  const passed = ({ id, failedAt }: LetterPlace): boolean =>
    after?.failedAt === failedAt && id <= after.id;
  let seen = new Set<string>();
  for (;;) {
    const page: string[] = await redis.zrangebyscore(
      queue.toKey('failed'),
      since,
      until ?? '+inf',
      'WITHSCORES',
      'LIMIT',
      0,
      size + seen.size,
    );
    const places: LetterPlace[] = [];
    for (let index = 0; index < page.length; index += 2) {
      const id = page[index] ?? '';
      if (!seen.has(id)) places.push({ id, failedAt: Number(page[index + 1]) });
    }
    const last = places.at(-1);
    if (!last) return;
    const atLast = places.filter(({ failedAt }) => failedAt === last.failedAt);
    seen = new Set([...(since === last.failedAt ? seen : []), ...atLast.map(({ id }) => id)]);
    since = last.failedAt;
    yield places.filter((place) => !passed(place));
  }
}
