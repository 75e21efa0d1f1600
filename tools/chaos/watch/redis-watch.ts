import { Redis } from 'ioredis';

import { type Attempts, KEYS, MESSAGE_QUEUES } from '../audit/raw-redis.ts';

/** What Redis held at a moment. */
export interface RedisSample {
  /** ms since the epoch, by Redis's own clock */
  readonly at: number;
  /** messages on the queues: those that wait, and all that are not dead letters */
  readonly waiting: number;
  readonly held: number;
  /** of its data, without buffers and what it needs itself */
  readonly usedBytes: number;
  /** until when the breaker in front of MS4 is open; 0: it is closed */
  readonly openUntil: number;
  readonly cursors: readonly CursorSample[];
  /** another one: Redis was started again, or lost its data, and what it says may be older than what it said */
  readonly life: string;
}

export interface CursorSample {
  readonly folder: string;
  readonly fence: number;
  readonly link: string;
}

export interface AttemptsSample extends Attempts {
  readonly key: string;
}

/** Rather no answer than one that comes after a minute of frozen Redis and is taken for the present. */
const COMMAND_MS = 1_500;
/** of a list; more of them tell nothing more */
const JOBS_MAX = 500;

/** A client of the auditor's own, straight to the server, that gives up at once where Redis is away. */
export class RedisWatch implements Disposable {
  readonly #redis: Redis;

  constructor(url: string) {
    this.#redis = new Redis(url, {
      commandTimeout: COMMAND_MS,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 500,
    });
    this.#redis.on('error', () => undefined);
  }

  /** undefined while Redis does not answer */
  async sample(): Promise<RedisSample | undefined> {
    try {
      return await this.#sample();
    } catch {
      return undefined;
    }
  }

  /** How often the jobs in hand, delayed or dead were begun. */
  async attempts(): Promise<AttemptsSample[]> {
    try {
      return (await Promise.all(MESSAGE_QUEUES.map((queue) => this.#attemptsOf(queue)))).flat();
    } catch {
      return [];
    }
  }

  [Symbol.dispose](): void {
    this.#redis.disconnect();
  }

  async #sample(): Promise<RedisSample> {
    const redis = this.#redis;
    const [time, info, epoch, openUntil, waits, more, folders] = await Promise.all([
      redis.time(),
      redis.info(),
      redis.get(KEYS.epoch),
      redis.hget(KEYS.gate, 'openUntil'),
      Promise.all(MESSAGE_QUEUES.map((queue) => redis.llen(KEYS.list(queue, 'wait')))),
      Promise.all(
        MESSAGE_QUEUES.flatMap((queue) => [
          redis.llen(KEYS.list(queue, 'active')),
          redis.zcard(KEYS.list(queue, 'delayed')),
          redis.zcard(KEYS.list(queue, 'prioritized')),
        ]),
      ),
      redis.keys(KEYS.cursors),
    ]);
    const waiting = sum(waits);
    return {
      at: Number(time[0]) * 1_000 + Math.floor(Number(time[1]) / 1_000),
      waiting,
      held: waiting + sum(more),
      usedBytes: Number(/^used_memory_dataset:(\d+)/m.exec(info)?.[1] ?? 0),
      openUntil: Number(openUntil ?? 0),
      life: `${/^run_id:(\w+)/m.exec(info)?.[1]} ${epoch}`,
      cursors: await Promise.all(folders.map((key) => this.#cursor(key))),
    };
  }

  async #cursor(key: string): Promise<CursorSample> {
    const [fence, link] = await this.#redis.hmget(key, 'fence', 'link');
    return { folder: key.slice(key.lastIndexOf(':') + 1), fence: Number(fence), link: link ?? '' };
  }

  async #attemptsOf(queue: string): Promise<AttemptsSample[]> {
    const redis = this.#redis;
    const ids = [
      ...(await redis.lrange(KEYS.list(queue, 'active'), 0, JOBS_MAX)),
      ...(await redis.zrange(KEYS.list(queue, 'delayed'), 0, JOBS_MAX)),
      ...(await redis.zrange(KEYS.list(queue, 'failed'), 0, JOBS_MAX)),
    ].filter((id) => id.startsWith('m-'));
    const pipeline = redis.pipeline();
    for (const id of ids) pipeline.hmget(KEYS.list(queue, id), 'atm', 'ats', 'stc', 'opts');
    const answers = (await pipeline.exec()) ?? [];
    return answers.flatMap(([error, value], index) => {
      if (error) return [];
      const [made, started, stalled, opts] = value as (string | null)[];
      const key = `${(ids[index] ?? '').slice(2)} on ${queue}`;
      const max = maxOf(opts);
      return [{ key, made: Number(made), started: Number(started), stalled: Number(stalled), max }];
    });
  }
}

function maxOf(opts: string | null | undefined): number {
  try {
    const { attempts } = JSON.parse(opts ?? '{}') as { attempts?: number };
    return attempts ?? 1;
  } catch {
    // A row that damages jobs does so on purpose.
    return Number.POSITIVE_INFINITY;
  }
}

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);
