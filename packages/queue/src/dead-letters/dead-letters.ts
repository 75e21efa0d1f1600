import { jobIdOf, keyOfJobId, type QueueName } from '@ms1/contracts';
import type { Redis } from '@ms1/redis';
import type { Job, Queue } from 'bullmq';

import { byName } from '../shard-queues.ts';
import { causeOf, fingerprintOf } from './cause.ts';
import { failedPages, type LetterPlace } from './failed-pages.ts';
import { inOrder } from './in-order.ts';

/** A job that ended for good: it stays until somebody replays or discards it. Times are ms since the epoch. */
export interface DeadLetter {
  /** message key */
  key: string;
  /** queue it died on */
  stage: QueueName;
  /** names its group */
  fingerprint: string;
  cause: string;
  attempts: number;
  createdAt: number;
  failedAt: number;
}

/** Which dead letters: those that match every given field. */
export interface DeadLetterFilter {
  stage?: QueueName | undefined;
  fingerprint?: string | undefined;
  key?: string | undefined;
  /** ms since the epoch: those that died until then */
  until?: number | undefined;
}

/** Where a list of dead letters was left. */
export type LetterPosition = Pick<DeadLetter, 'stage' | 'failedAt' | 'key'>;

/** Dead letters that have stage and cause in common. */
export interface DeadLetterGroup {
  fingerprint: string;
  stage: QueueName;
  cause: string;
  count: number;
  firstAt: number;
  lastAt: number;
  sample: DeadLetter;
}

/**
 * retried: it waits on its queue again. gone: somebody was faster. lost: its data is lost, so it was
 * removed, and what knows the message must put it back.
 */
export type Retried = 'retried' | 'gone' | 'lost';

/** Letters read in one round trip. */
const PAGE = 500;

/** The dead letters of the message queues, read from what BullMQ keeps of failed jobs: there is no second list to be wrong. */
export class DeadLetters {
  /** with the parts of each, by shard */
  readonly #queues: ReadonlyMap<QueueName, readonly Queue[]>;

  constructor(queues: readonly Queue[]) {
    this.#queues = byName(queues);
  }

  /**
   * Those that fit, oldest first on each queue. What leaves or arrives meanwhile is skipped or seen, never
   * twice. With `after`, those that come after that one, which need not be there any more.
   */
  async *scan(filter: DeadLetterFilter = {}, after?: LetterPosition): AsyncGenerator<DeadLetter> {
    const stages = [...this.#queues];
    const from = after ? stages.findIndex(([stage]) => stage === after.stage) : 0;
    for (const [stage, parts] of stages.slice(Math.max(0, from))) {
      const wanted = filter.stage === undefined || filter.stage === stage;
      const passed = after?.stage === stage ? after : undefined;
      const scans = parts.map((queue) => scanQueue(queue, filter, passed));
      if (wanted) yield* inOrder(scans, (a, b) => a.failedAt - b.failedAt || byKey(a, b));
    }
  }

  /** The largest first. */
  async groups(filter: DeadLetterFilter = {}): Promise<DeadLetterGroup[]> {
    const groups = new Map<string, DeadLetterGroup>();
    for await (const letter of this.scan(filter)) {
      const { fingerprint, stage, cause, failedAt } = letter;
      const group = groups.get(fingerprint);
      if (group) {
        group.count += 1;
        group.firstAt = Math.min(group.firstAt, failedAt);
        group.lastAt = Math.max(group.lastAt, failedAt);
      } else {
        const times = { firstAt: failedAt, lastAt: failedAt };
        groups.set(fingerprint, { fingerprint, stage, cause, count: 1, ...times, sample: letter });
      }
    }
    return [...groups.values()].toSorted((a, b) => b.count - a.count);
  }

  /** Has a dead letter run again, with all its attempts. Twice: nothing happens. */
  async retry({ key, stage }: Pick<DeadLetter, 'key' | 'stage'>): Promise<Retried> {
    const queue = await this.#partWith(jobIdOf(key), stage);
    const job = await readableJob(queue, jobIdOf(key));
    if (job === 'gone') return 'gone';
    if (job === 'unreadable' || typeof (job.data as { v?: unknown } | null)?.v !== 'number') {
      return (await this.remove({ key, stage })) ? 'lost' : 'gone';
    }
    try {
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      return 'retried';
    } catch (error) {
      if (await job.isFailed()) throw error;
      return 'gone';
    }
  }

  /** Removes a dead letter. False when somebody was faster. */
  async remove({ key, stage }: Pick<DeadLetter, 'key' | 'stage'>): Promise<boolean> {
    const id = jobIdOf(key);
    const queue = await this.#partWith(id, stage);
    return queue !== undefined && (await queue.remove(id)) === 1;
  }

  /** The part of a queue in which this is a dead letter. */
  async #partWith(id: string, stage: QueueName): Promise<Queue | undefined> {
    for (const queue of this.#queues.get(stage) ?? []) {
      if ((await queue.getJobState(id)) === 'failed') return queue;
    }
    return undefined;
  }
}

/** As Redis sorts those of one time. */
function byKey(a: DeadLetter, b: DeadLetter): number {
  return a.key < b.key ? -1 : 1;
}

/** A letter may have died of what its hash holds. */
async function readableJob(
  queue: Queue | undefined,
  id: string,
): Promise<Job | 'gone' | 'unreadable'> {
  try {
    return (await queue?.getJob(id)) ?? 'gone';
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return 'unreadable';
    throw error;
  }
}

async function* scanQueue(
  queue: Queue,
  filter: DeadLetterFilter,
  after: LetterPosition | undefined,
): AsyncGenerator<DeadLetter> {
  const redis = (await queue.getBackend().client) as unknown as Redis;
  const place = after && { failedAt: after.failedAt, id: jobIdOf(after.key) };
  const options = { after: place ?? null, until: filter.until, size: PAGE };
  for await (const page of failedPages(queue, options)) {
    for (const letter of await readLetters(redis, queue, page)) {
      if (fits(letter, filter)) yield letter;
    }
  }
}

async function readLetters(
  redis: Redis,
  queue: Queue,
  found: readonly LetterPlace[],
): Promise<DeadLetter[]> {
  const stage = queue.name as QueueName;
  const pipeline = redis.pipeline();
  for (const { id } of found) pipeline.hmget(queue.toKey(id), 'failedReason', 'timestamp', 'atm');
  const answers = (await pipeline.exec()) ?? [];
  return found.flatMap(({ id, failedAt }, index) => {
    const key = keyOfJobId(id);
    const [error, fields] = answers[index] ?? [];
    const isNoHash = error?.message.startsWith('WRONGTYPE') ?? false;
    if (error && !isNoHash) throw error;
    if (key === undefined) return [];
    const [reason, createdAt, attempts] = isNoHash ? [] : (fields as (string | null)[]);
    const cause = causeOf(reason ?? '');
    const fingerprint = fingerprintOf(stage, cause);
    const counts = { attempts: Number(attempts ?? 0), createdAt: Number(createdAt ?? 0) };
    return [{ key, stage, fingerprint, cause, ...counts, failedAt }];
  });
}

function fits(letter: DeadLetter, { fingerprint, key }: DeadLetterFilter): boolean {
  return (
    (fingerprint === undefined || letter.fingerprint === fingerprint) &&
    (key === undefined || letter.key === key)
  );
}
